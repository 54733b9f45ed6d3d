// Builds what ships: dist/ from src and the plugins that clinvk contains, and one file for each backend.
// With --watch, again after each change.
import {build} from 'esbuild'
import {execFileSync} from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch as watchFolder,
  writeFileSync,
} from 'node:fs'
import {parse} from 'node:path'
import {fileURLToPath} from 'node:url'
import {oclif, ownSources} from './esbuild-plugins.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const packages = readdirSync(`${ROOT}plugins`)

/** Plugins whose code is a part of clinvk's. */
const PLUGINS = ['sessions', 'history']
/** Plugins of ours that users install; what they are made with is inlined. */
const SEPARATE = ['serve']
/** What few commands need of oclif and its packages: each of these is a file of its own. */
const RARE = {
  help: [
    ...['./help', './help/command', './help/formatter', './help/root', './ux/theme', 'ansis', 'ejs'],
    ...['indent-string', 'string-width', 'supports-color', 'widest-line', 'wordwrap', 'wrap-ansi'],
  ],
  errors: ['./errors/errors/pretty-print', './errors/handle', './parser/errors', 'clean-stack', 'debug'],
  // For users who have plugins.
  plugin: ['./config/plugin', './util/find-root'],
  // For a plugin without a manifest.
  discovery: [
    './util/cache-command',
    './util/read-tsconfig',
    'lilconfig',
    'minimatch',
    'semver',
    'tinyglobby',
  ],
  ux: ['./ux', 'cli-spinners'],
}
const common = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Of our packages the sources, so that nothing has to be compiled first.
  alias: {
    ...Object.fromEntries(
      packages.map((name) => [
        [...PLUGINS, ...SEPARATE].includes(name) ? `clinvk-plugin-${name}` : `clinvk-${name}`,
        `./plugins/${name}/src`,
      ]),
    ),
    'wsl-utils': './build/wsl-utils.js',
    '@modelcontextprotocol/server/_shims': './build/mcp-shims.js',
  },
  logLevel: 'warning',
  legalComments: 'none',
}
const withDependencies = {
  ...common,
  minifySyntax: true,
  minifyWhitespace: true,
  // For the CommonJS packages among them.
  banner: {js: "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url)"},
  // oclif's check of Node's version loads 47 files; npm checks `engines`.
  define: {'process.env.OCLIF_DISABLE_ENGINE_WARNING': '"1"'},
  // Where they are installed: oclif looks for the one in a checkout, Node 20 needs the other.
  external: ['typescript', 'libsql', '#rare/*'],
  plugins: [oclif(RARE)],
}

// `clinvk backends create` puts it into a new package.
copyFileSync(`${ROOT}plugins/contract/src/contract.ts`, `${ROOT}dist/contract.d.ts`)
const isWatching = process.argv.includes('--watch')
await buildAll()
if (isWatching) watch()

async function buildAll() {
  for (const folder of ['dist', ...SEPARATE.map((name) => `plugins/${name}/dist`)])
    for (const file of readdirSync(`${ROOT}${folder}`, {recursive: true}))
      if (/\.js(\.map)?$|\bcommands\b.*\.json$|^opening\.json$/.test(file)) rmSync(`${ROOT}${folder}/${file}`)
  const [{metafile}] = await Promise.all([
    build({
      ...withDependencies,
      plugins: [...withDependencies.plugins, ownSources(await layersOf())],
      entryPoints: [
        ...['run-process', 'main', 'help'].map((name) => `src/${name}.ts`),
        ...['src', ...PLUGINS.map((name) => `plugins/${name}/src`)].flatMap((folder) =>
          ['commands', 'hooks'].flatMap((name) => sourcesIn(`${folder}/${name}`)),
        ),
        ...Object.keys(RARE).map((name) => `rare:${name}`),
      ].map((file) => ({
        in: file,
        out: file
          .replace(/^plugins\/(\w+)\/src/, '$1')
          .replace(/^src\/|\.ts$/g, '')
          .replace(':', '/'),
      })),
      // Of a package without a default export.
      logOverride: {'import-is-undefined': 'silent'},
      metafile: true,
      splitting: true,
      outdir: 'dist',
      chunkNames: 'chunks/[name]-[hash]',
      sourcemap: 'linked',
      sourcesContent: false,
    }),
    // Processes of their own, which `backends test` starts. Its code, which becomes chunks, looks for them beside itself.
    build({
      ...withDependencies,
      entryPoints: ['worker'].map((name) => ({in: `plugins/conformance/src/${name}.ts`, out: name})),
      outdir: 'dist/chunks',
    }),
    ...SEPARATE.map((name) =>
      build({
        ...withDependencies,
        plugins: [oclif({})],
        entryPoints: ['commands', 'hooks'].flatMap((folder) => sourcesIn(`plugins/${name}/src/${folder}`)),
        outbase: `plugins/${name}/src`,
        outdir: `plugins/${name}/dist`,
        splitting: true,
        chunkNames: 'chunks/[name]-[hash]',
      }),
    ),
    ...packages
      .filter((name) => name.startsWith('backend-') && name !== 'backend-sdk')
      .map((name) =>
        build({
          ...common,
          entryPoints: ['index', ...filesNamedIn(`plugins/${name}/src`)].map(
            (file) => `plugins/${name}/src/${file}.ts`,
          ),
          outdir: `plugins/${name}/dist`,
        }),
      ),
  ])
  // For the test of what commands load.
  writeFileSync(`${ROOT}dist/metafile.json`, JSON.stringify(metafile))
  nameFirstLayer(metafile)
  // It names the files that were made.
  if (isWatching) execFileSync(process.execPath, ['build/plugins.js'], {cwd: ROOT, stdio: 'inherit'})
}

/**
 * Gives the file of the layer that every command loads the name that bin/run.js imports. esbuild has made another file of
 * that name, which only imports this one: to load it would cost each start half a millisecond.
 */
function nameFirstLayer({outputs}) {
  const [path] = Object.entries(outputs).find(([, {inputs}]) => 'src/run-process.ts' in inputs)
  const {name} = parse(path)
  for (const suffix of ['', '.map']) {
    rmSync(`${ROOT}dist/run-process.js${suffix}`)
    renameSync(`${ROOT}${path}${suffix}`, `${ROOT}dist/chunks/run-process.js${suffix}`)
  }
  for (const file of readdirSync(`${ROOT}dist`, {recursive: true})) {
    if (!/\.js$|^metafile\.json$/.test(file)) continue
    const text = readFileSync(`${ROOT}dist/${file}`, 'utf8')
    writeFileSync(`${ROOT}dist/${file}`, text.replaceAll(name, 'run-process'))
  }
}

/**
 * Which of the layers a source belongs to: the first that loads it, of others the one that all load. Packages get that of
 * the sessions, which has one for the width of text that they use, too.
 */
async function layersOf() {
  const entryPoints = ['every-command', 'sessions', 'prompt'].map((name) => `build/layers/${name}.js`)
  const {metafile} = await build({
    ...withDependencies,
    entryPoints,
    metafile: true,
    outdir: 'dist',
    splitting: true,
    write: false,
  })
  const layers = new Map()
  const add = (file, layer) => {
    if (layers.has(file)) return
    layers.set(file, layer)
    for (const {external, kind, path} of metafile.inputs[file].imports)
      if (!external && kind !== 'dynamic-import') add(path, layer)
  }
  for (const layer of entryPoints) add(layer, layer)
  return (file) => layers.get(file) ?? entryPoints[file.includes('node_modules') ? 1 : 0]
}

function sourcesIn(folder) {
  if (!existsSync(`${ROOT}${folder}`)) return []
  return readdirSync(`${ROOT}${folder}`, {recursive: true})
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
}

/** Files that a backend has its agent run: `new URL('inside.js', import.meta.url)`. */
function filesNamedIn(folder) {
  return sourcesIn(folder).flatMap((file) =>
    [...readFileSync(`${ROOT}${file}`, 'utf8').matchAll(/new URL\('([^']*)\.js', import\.meta\.url\)/g)].map(
      ([, name]) => name,
    ),
  )
}

function watch() {
  let timer
  const later = () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      const started = Date.now()
      buildAll().then(
        () => console.log(`built in ${Date.now() - started} ms`),
        // esbuild has printed what is wrong.
        () => undefined,
      )
    }, 50)
  }

  for (const folder of ['src', ...packages.map((name) => `plugins/${name}/src`)])
    watchFolder(`${ROOT}${folder}`, {recursive: true}, later)
}
