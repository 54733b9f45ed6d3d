import {readFileSync} from 'node:fs'
import {createRequire} from 'node:module'

/**
 * For esbuild: what a module takes from packages and from Node is loaded when it is used, not when it is named.
 * oclif names some thirty at its start, of which most commands use none. Nothing of oclif is changed: each `require`
 * of a package gets something that stands in for it until it is touched. `isWanted(importer, path)` says for which,
 * and `real(path)`, in JavaScript, what it stands for.
 */
export function onUse(isWanted, real) {
  return {
    name: 'on-use',
    setup(build) {
      build.onResolve({filter: /^[^./]/}, ({importer, kind, path, pluginData, resolveDir}) => {
        if (pluginData === REAL || kind === 'dynamic-import' || !isWanted(importer, path)) return undefined
        if (kind === 'import-statement') {
          const names = namesFrom(path, importer)
          const contents = standInForNames(real(path), names)
          return {path: `${path} ${names.join(' ')}`, namespace: 'on-use', pluginData: {contents, resolveDir}}
        }

        const require = createRequire(importer)
        const contents = standIn(real(path), Boolean(require(path).__esModule))
        return {path: require.resolve(path), namespace: 'on-use', pluginData: {contents, resolveDir}}
      })
      build.onLoad({filter: /^/, namespace: 'on-use'}, ({pluginData}) => ({...pluginData, pluginData: REAL}))
    },
  }
}

/** Says of a `require` that it is that of a stand-in. */
const REAL = 'real'

/** What a module imports from `path`, by name: an ES module is asked for all that it has, and has only what is asked for. */
function namesFrom(path, importer) {
  const source = readFileSync(importer, 'utf8')
  const lists = [...source.matchAll(RegExp(`^import \\{([^}]*)\\} from '${path}'`, 'gm'))]
  if (lists.length === 0 || RegExp(`^import (?!type )[^{'\\n]*from '${path}'`, 'm').test(source))
    throw new Error(`${importer} imports ${path} in another way than by name.`)
  return lists
    .flatMap(([, list]) => list.split(','))
    .map((name) => name.trim().replace(/ as .*/, ''))
    .filter((name) => name !== '' && !name.startsWith('type '))
}

function standInForNames(real, names) {
  const getters = names.map((name) => `get ${name}() {return ${real}.${name}}`)
  return `module.exports = {${getters.join(',')}}`
}

function standIn(real, isModule) {
  return `const real = () => ${real}
    module.exports = new Proxy(() => undefined, {
      // The one property that is looked at when a module is named.
      get: (_, name) => name === '__esModule' ? ${isModule} : real()[name],
      apply: (_, self, words) => Reflect.apply(real(), self, words),
    })`
}
