// Makes what ships: `dist/bundle`. With --watch, anew after each change. CONTRIBUTING.md says what is in it.
import {build} from 'esbuild'
import {isBuiltin} from 'node:module'
import {copyFileSync, existsSync, readdirSync, readFileSync, rmSync, watch as watchFolder} from 'node:fs'
import {dirname, join} from 'node:path'
import {bundledPlugins, json, ROOT} from './bundled-plugins.js'
import {buildHalves} from './hot-and-cold.js'
import {onUse} from './on-use.js'
import {virtual} from './virtual.js'

/** Packages that few commands need: each is a file of its own, loaded when it is named. */
const APART = [
  '@clack/prompts',
  'cli-spinners',
  'debug',
  'execa',
  'lilconfig',
  'log-update',
  'minimatch',
  'npm-package-arg',
  'tinyglobby',
  'yaml',
  'zod',
]
/** And what oclif writes help and errors with, one file together. */
const OF_OCLIF = [
  'ansis',
  'clean-stack',
  'ejs',
  'indent-string',
  'string-width',
  'supports-color',
  'widest-line',
  'wrap-ansi',
]
/** Parts of Node that take a millisecond and more, and that most commands only name. */
const BUILTINS_ON_USE = [
  'node:child_process',
  'node:crypto',
  'node:fs/promises',
  'node:module',
  'node:perf_hooks',
  'node:readline',
  'node:readline/promises',
  'node:stream/consumers',
  'node:timers/promises',
]

const common = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  outdir: 'dist/bundle',
  outExtension: {'.js': '.cjs'},
  logLevel: 'warning',
  legalComments: 'none',
}
/** A script from a code cache has no `import()`: src/start/start.ts says what it has instead. */
const cached = {
  ...common,
  // Where nothing is kept all of it is read at each start.
  minifyWhitespace: true,
  supported: {'dynamic-import': false},
  define: {'import.meta.url': 'addressOfThis'},
  banner: {js: "'use strict'; const addressOfThis = require('node:url').pathToFileURL(__filename).href"},
}

rmSync(`${ROOT}dist/bundle`, {recursive: true, force: true})
// `clinvk backends create` puts it into a new package.
copyFileSync(`${ROOT}plugins/contract/src/contract.ts`, `${ROOT}dist/contract.d.ts`)
await buildAll()
if (process.argv.includes('--watch')) watch()

async function buildAll() {
  const plugins = bundledPlugins()
  await Promise.all([
    buildHalves(entry(plugins), {
      ...cached,
      // For the stack of an error: src/start/source-lines.ts.
      sourcemap: 'external',
      sourcesContent: false,
      // Only where it is installed, and oclif looks for it only in a checkout.
      external: ['typescript'],
      plugins: [workspaces(), lazyRequire(), onUse(standsIn, standsFor), apart()],
    }),
    build({
      ...cached,
      entryPoints: [{in: 'parts', out: 'of-oclif'}],
      plugins: [
        virtual(
          'parts',
          OF_OCLIF.map((name) => `get ${JSON.stringify(name)}() {return require(${JSON.stringify(name)})}`),
          'node_modules/@oclif/core',
        ),
      ],
    }),
    build({...cached, entryPoints: APART.map((name) => ({in: name, out: fileOf(name)}))}),
    build({
      ...common,
      entryPoints: ['src/start/start.ts'],
      define: {COMMANDS: JSON.stringify(plugins.flatMap(({commands}) => commands.map(([id]) => id)))},
    }),
    // Processes of their own, which `backends test` starts.
    build({
      ...common,
      format: 'esm',
      outExtension: {'.js': '.js'},
      banner: {
        js: "import {createRequire} from 'node:module'; const require = createRequire(import.meta.url)",
      },
      entryPoints: ['worker', 'record-imports', 'agent/fake-agent'].map((name) => ({
        in: `plugins/conformance/src/${name}.ts`,
        out: name,
      })),
      plugins: [workspaces(), lazyRequire()],
    }),
    // A backend is a package of its own, and one file of it is read faster than twenty.
    ...readdirSync(`${ROOT}plugins`)
      .filter((folder) => folder.startsWith('backend-') && folder !== 'backend-sdk')
      .map((folder) =>
        build({
          ...common,
          format: 'esm',
          outExtension: {'.js': '.js'},
          outdir: `plugins/${folder}/dist`,
          entryPoints: ['index', ...namedIn(`plugins/${folder}/src`)].map(
            (name) => `plugins/${folder}/src/${name}.ts`,
          ),
          packages: 'external',
          // What backends share is inlined, so that installing one installs nothing else.
          plugins: [workspaces()],
        }),
      ),
  ])
}

/** Builds anew when sources have changed; what does not build is said, and waited for. */
function watch() {
  let timer
  const later = () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      const started = Date.now()
      buildAll().then(
        () => console.log(`built in ${Date.now() - started} ms`),
        () => undefined,
      )
    }, 50)
  }

  const folders = ['src', ...readdirSync(`${ROOT}plugins`).map((folder) => `plugins/${folder}/src`)]
  for (const folder of folders) watchFolder(`${ROOT}${folder}`, {recursive: true}, later)
}

/** Files that sources in a folder name by their address, to be run by others, `new URL('inside.js', import.meta.url)`: they stay files. */
function namedIn(folder) {
  const sources = readdirSync(`${ROOT}${folder}`).filter((file) => file.endsWith('.ts'))
  return sources.flatMap((file) =>
    [
      ...readFileSync(`${ROOT}${folder}/${file}`, 'utf8').matchAll(
        /new URL\('([^']*)\.js', import\.meta\.url\)/g,
      ),
    ].map(([, name]) => name),
  )
}

/** What the bundle exports: `runProcess`, and what oclif looks for by the names in `bundledPjson` and package.json, each loaded on use. */
function entry(plugins) {
  const part = (name, file) =>
    `get ${JSON.stringify(name)}() {return require(${JSON.stringify(`./${file}`)}).default}`
  const commands = (list) => `{${list.map(([id, file]) => part(id, file)).join(',\n')}}`
  const {helpClass, hooks} = json('package.json').oclif
  const [own, ...others] = plugins
  const kebab = (identifier) => identifier.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  return [
    `get runProcess() {return require('./src/run-process.ts').runProcess}`,
    `commands: ${commands(own.commands)}`,
    part(helpClass.identifier, `src/${helpClass.identifier}.ts`),
    ...Object.values(hooks).map(({identifier}) => part(identifier, `src/hooks/${kebab(identifier)}.ts`)),
    ...others.flatMap(({commands: list, hooks, pjson: {name}}) => [
      `${JSON.stringify(`commands of ${name}`)}: ${commands(list)}`,
      ...Object.entries(hooks).map(([event, file]) => part(`${event} of ${name}`, file)),
    ]),
  ]
}

/** Our packages as their sources, not as what is installed; and of what oclif needs what the files here say. */
function workspaces() {
  return {
    name: 'workspaces',
    setup(build) {
      build.onResolve({filter: /^@oclif\/core$/}, () => ({path: `${ROOT}build/oclif.cjs`}))
      build.onResolve({filter: /^(debug|node:fs\/promises|wsl-utils)$/}, ({importer, path}) =>
        isOfOclif(importer)
          ? {path: `${ROOT}build/${path.replace('node:', '').replace('/', '-')}.cjs`}
          : undefined,
      )
      build.onResolve({filter: /^clinvk-backend-sdk$/}, () => ({
        path: `${ROOT}plugins/backend-sdk/src/index.ts`,
      }))
      build.onResolve({filter: /^clinvk-contract(\/|$)/}, ({path}) => ({
        path: `${ROOT}plugins/contract/src/${path.split('/')[1] ?? 'contract'}.ts`,
      }))
      build.onResolve({filter: /^clinvk-(kit|conformance)\//}, ({path}) => ({
        path: `${ROOT}plugins/${path.replace(/^clinvk-(\w+)\//, '$1/src/')}.ts`,
      }))
    },
  }
}

/** What our sources load at once, but only when they need it: in the bundle as in Node. */
function lazyRequire() {
  const written = /createRequire\(import\.meta\.url\)(?=\('string-width'\))/
  return {
    name: 'lazy-require',
    setup(build) {
      build.onLoad({filter: /kit[/\\]src[/\\]format[/\\]width\.ts$/}, ({path}) => {
        const source = readFileSync(path, 'utf8')
        if (!written.test(source))
          throw new Error(`${path} loads string-width in another way than build/bundle.js knows.`)
        return {contents: source.replace(written, 'require'), loader: 'ts'}
      })
    },
  }
}

/** One file of each package, so one version: the one that its importer means. */
function apart() {
  return {
    name: 'apart',
    setup(build) {
      build.onResolve({filter: /^\.\/of-oclif\.cjs$/}, ({path}) => ({path, external: true}))
      build.onResolve({filter: /^[^./]/}, ({importer, path, resolveDir}) => {
        if (!APART.includes(path)) return undefined
        if (folderOf(path, resolveDir) !== folderOf(path, ROOT))
          throw new Error(`${importer} needs another ${path} than the one in the root: take it off the list.`)
        return {path: `./${fileOf(path)}.cjs`, external: true}
      })
    },
  }
}

/** Where Node finds a package from a directory. */
function folderOf(name, directory) {
  const folder = join(directory, 'node_modules', name)
  return existsSync(folder) ? folder : folderOf(name, dirname(directory))
}

/** Whether what `importer` names by `path` is loaded on use only. */
function standsIn(importer, path) {
  if (isBuiltin(path)) return BUILTINS_ON_USE.includes(path) && (isOfOclif(importer) || isOurs(importer))
  return isOfOclif(importer) && !path.startsWith('@oclif/') && path !== 'typescript'
}

/** What stands for it, in JavaScript. */
function standsFor(path) {
  const name = JSON.stringify(path)
  return OF_OCLIF.includes(path) ? `require('./of-oclif.cjs')[${name}]` : `require(${name})`
}

/** But what tests backends, which puts its own in the place of parts of Node. */
function isOurs(path) {
  return path.endsWith('.ts') && !/node_modules|[/\\]conformance[/\\]/.test(path)
}

function isOfOclif(path) {
  return /node_modules[/\\]@oclif[/\\]core[/\\]lib[/\\]/.test(path)
}

function fileOf(name) {
  return name.replace('@', '').replace('/', '-')
}
