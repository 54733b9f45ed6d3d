import {build} from 'esbuild'
import {relative} from 'node:path'
import {ROOT} from './bundled-plugins.js'
import {virtual} from './virtual.js'

/**
 * Modules that short commands and prompts load on use. They and all that they import are main.cjs, which is read,
 * and where nothing is kept compiled, at each start; what else is loaded on use is cold.cjs. A module that is missing
 * here is loaded a few milliseconds later, nothing else: test/loaded-modules.test.ts names it.
 */
const HOT = new Set([
  'plugins/kit/src/backends/load-backend.ts',
  'plugins/kit/src/message-of.ts',
  'plugins/kit/src/settings/load.ts',
  'plugins/kit/src/settings/resolve.ts',
  'plugins/sessions/src/commands/resume.ts',
  'plugins/sessions/src/commands/sessions/list.ts',
  'plugins/sessions/src/complete/sessions.ts',
  'plugins/sessions/src/hooks/complete.ts',
  'plugins/sessions/src/hooks/turn-session.ts',
  'plugins/sessions/src/session-table.ts',
  'src/commands/prompt.ts',
  'src/commands/version.ts',
  'src/completion/ask-plugins.ts',
  'src/completion/backend-values.ts',
  'src/completion/complete.ts',
  'src/help.ts',
  'src/run-process.ts',
  'src/start/user-plugins.ts',
])

/**
 * Builds both halves of what `entry` exports (properties of an object, in JavaScript). A module is in one of them
 * alone: cold.cjs takes what it shares with main.cjs from there. So the halves are built one after the other: what
 * is hot, what is cold and what it shares, and main.cjs, which gives that away.
 */
export async function buildHalves(entry, options) {
  const cold = new Set()
  const shared = new Set()
  let hot = {}
  const main = (properties, more) =>
    build({
      ...options,
      ...more,
      entryPoints: [{in: 'main', out: 'main'}],
      plugins: [virtual('main', properties), coldParts(hot, cold), ...options.plugins],
    })
  hot = (await main(entry, {metafile: true, write: false})).metafile.inputs
  await build({
    ...options,
    entryPoints: [{in: 'cold', out: 'cold'}],
    plugins: [
      virtual(
        'cold',
        [...cold].sort().map((path) => partAt(path)),
      ),
      hotParts(hot, shared),
      ...options.plugins,
    ],
  })
  await main([
    ...entry,
    `modules: {${[...shared]
      .sort()
      .map((path) => partAt(path))
      .join(',\n')}}`,
  ])
}

/** In main.cjs, modules that are loaded on use and are not hot: they come from cold.cjs. */
function coldParts(hot, cold) {
  return {
    name: 'cold-parts',
    setup(build) {
      build.onResolve({filter: /^/}, async (asked) => {
        const isOnUse =
          asked.namespace === 'main' || (asked.kind === 'dynamic-import' && asked.importer.endsWith('.ts'))
        if (asked.pluginData === FOUND || !isOnUse) return undefined
        const path = await found(build, asked)
        if (path === undefined || HOT.has(path) || path in hot) return undefined
        cold.add(path)
        return {path, namespace: 'cold'}
      })
      build.onLoad({filter: /^/, namespace: 'cold'}, ({path}) => ({
        contents: `module.exports = require('./cold.cjs')[${JSON.stringify(path)}]`,
      }))
      other(build, './cold.cjs')
    },
  }
}

/** In cold.cjs, modules that main.cjs has. Their state, if they have any, is there once. */
function hotParts(hot, shared) {
  return {
    name: 'hot-parts',
    setup(build) {
      build.onResolve({filter: /^/}, async (asked) => {
        if (asked.pluginData === FOUND) return undefined
        const path = await found(build, asked)
        if (path === undefined || !(path in hot)) return undefined
        shared.add(path)
        return {path, namespace: 'hot'}
      })
      build.onLoad({filter: /^/, namespace: 'hot'}, ({path}) => ({
        contents: `module.exports = require('./main.cjs').modules[${JSON.stringify(path)}]`,
      }))
      other(build, './main.cjs')
    },
  }
}

function other(build, file) {
  build.onResolve({filter: RegExp(`^${file.replaceAll('.', '\\.')}$`)}, () => ({path: file, external: true}))
}

/** The file that is meant, below the root, where it is ours or oclif's: of other packages each half has its own. */
async function found(build, {importer, kind, path, resolveDir}) {
  const {
    external,
    namespace,
    path: file,
  } = await build.resolve(path, {importer, kind, resolveDir, pluginData: FOUND})
  if (external || namespace !== 'file' || !/^[^:]*\.(ts|cjs)$|@oclif/.test(file)) return undefined
  const inside = relative(ROOT, file).replaceAll('\\', '/')
  return inside.startsWith('node_modules/') && !inside.startsWith('node_modules/@oclif/') ? undefined : inside
}

const FOUND = 'found'

function partAt(path) {
  return `get ${JSON.stringify(path)}() {return require(${JSON.stringify(`./${path}`)})}`
}
