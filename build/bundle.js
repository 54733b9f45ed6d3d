// Makes what ships: `dist/bundle`. With --watch, anew after each change. CONTRIBUTING.md says what is in it.
import {context} from 'esbuild'
import {isBuiltin} from 'node:module'
import {existsSync, readFileSync, rmSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {bundledPlugins, json, ROOT} from './bundled-plugins.js'
import {onUse} from './on-use.js'

/** Packages that few commands need: each is a file of its own, loaded when it is named. The others are in main.cjs. */
const APART = [
  '@clack/prompts',
  'cli-spinners',
  'debug',
  'cross-spawn',
  'lilconfig',
  'log-update',
  'minimatch',
  'npm-package-arg',
  'tinyglobby',
  'yaml',
  'zod',
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

/** Of ours, too: what `backends test` needs, a tenth of all. Nothing of it is kept in a module, so a second copy of what it shares does no harm. */
const CONFORMANCE = ['backend-package', 'live/test-live', 'test-backend']

const plugins = bundledPlugins()
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
  supported: {'dynamic-import': false},
  define: {'import.meta.url': 'addressOfThis'},
  banner: {js: "'use strict'; const addressOfThis = require('node:url').pathToFileURL(__filename).href"},
}

const contexts = await Promise.all(
  [
    {
      ...cached,
      entryPoints: [{in: 'entry', out: 'main'}],
      // For the stack of an error: src/start/source-lines.ts.
      sourcemap: 'external',
      sourcesContent: false,
      // Only where it is installed, and oclif looks for it only in a checkout.
      external: ['typescript'],
      plugins: [entry(), conformance(), workspaces(), lazyRequire(), onUse(standsIn), apart()],
    },
    {...cached, entryPoints: APART.map((name) => ({in: name, out: fileOf(name)}))},
    {
      ...cached,
      entryPoints: [{in: 'parts', out: 'conformance'}],
      plugins: [
        virtual(
          'parts',
          CONFORMANCE.map(
            (name) =>
              `get ${JSON.stringify(name)}() {return require('./plugins/kit/src/conformance/${name}.ts')}`,
          ),
        ),
        workspaces(),
        lazyRequire(),
        apart(),
      ],
    },
    {
      ...common,
      entryPoints: ['src/start/start.ts'],
      define: {COMMANDS: JSON.stringify(plugins.flatMap(({commands}) => commands.map(([id]) => id)))},
    },
    // Processes of their own, which `backends test` starts.
    {
      ...common,
      format: 'esm',
      outExtension: {'.js': '.js'},
      banner: {
        js: "import {createRequire} from 'node:module'; const require = createRequire(import.meta.url)",
      },
      entryPoints: ['worker', 'record-imports', 'agent/fake-agent'].map((name) => ({
        in: `plugins/kit/src/conformance/${name}.ts`,
        out: name,
      })),
      plugins: [workspaces(), lazyRequire()],
    },
  ].map((options) => context(options)),
)
rmSync(`${ROOT}dist/bundle`, {recursive: true, force: true})
if (process.argv.includes('--watch')) await Promise.all(contexts.map((one) => one.watch()))
else {
  await Promise.all(contexts.map((one) => one.rebuild()))
  await Promise.all(contexts.map((one) => one.dispose()))
}

/** What the bundle exports: `main`, and what oclif looks for by the names in `bundledPjson` and package.json, each loaded on use. */
function entry() {
  const part = (name, file) =>
    `get ${JSON.stringify(name)}() {return require(${JSON.stringify(`./${file}`)}).default}`
  const commands = (list) => `{${list.map(([id, file]) => part(id, file)).join(',\n')}}`
  const {helpClass, hooks} = json('package.json').oclif
  const [own, ...others] = plugins
  const kebab = (identifier) => identifier.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const parts = [
    `get main() {return require('./src/main.ts').main}`,
    `commands: ${commands(own.commands)}`,
    part(helpClass.identifier, `src/${helpClass.identifier}.ts`),
    ...Object.values(hooks).map(({identifier}) => part(identifier, `src/hooks/${kebab(identifier)}.ts`)),
    ...others.flatMap(({commands: list, hooks, pjson: {name}}) => [
      `${JSON.stringify(`commands of ${name}`)}: ${commands(list)}`,
      ...Object.entries(hooks).map(([event, file]) => part(`${event} of ${name}`, file)),
    ]),
  ]
  return virtual('entry', parts)
}

/** A module that exports these properties. */
function virtual(name, properties) {
  return {
    name,
    setup(build) {
      build.onResolve({filter: RegExp(`^${name}$`)}, () => ({path: name, namespace: name}))
      build.onLoad({filter: /^/, namespace: name}, () => ({
        contents: `module.exports = {${properties.join(',\n')}}`,
        resolveDir: ROOT,
      }))
    },
  }
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
      build.onResolve({filter: /^clinvk-kit\//}, ({path}) => ({
        path: `${ROOT}plugins/kit/src/${path.slice('clinvk-kit/'.length)}.ts`,
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

function conformance() {
  return {
    name: 'conformance',
    setup(build) {
      build.onResolve({filter: /^clinvk-kit\/conformance\//}, ({path}) => ({path, namespace: 'conformance'}))
      build.onResolve({filter: /^\.\/conformance\.cjs$/}, ({path}) => ({path, external: true}))
      build.onLoad({filter: /^/, namespace: 'conformance'}, ({path}) => {
        const name = path.slice('clinvk-kit/conformance/'.length)
        if (!CONFORMANCE.includes(name)) throw new Error(`${path} is not on the list of build/bundle.js.`)
        return {contents: `module.exports = require('./conformance.cjs')[${JSON.stringify(name)}]`}
      })
    },
  }
}

/** One file of each package, so one version: the one that its importer means. */
function apart() {
  return {
    name: 'apart',
    setup(build) {
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

function isOurs(path) {
  return !path.includes('node_modules') && path.endsWith('.ts')
}

function isOfOclif(path) {
  return /node_modules[/\\]@oclif[/\\]core[/\\]lib[/\\]/.test(path)
}

function fileOf(name) {
  return name.replace('@', '').replace('/', '-')
}
