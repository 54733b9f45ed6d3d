import {createRequire, isBuiltin} from 'node:module'

/**
 * For esbuild: what oclif takes from packages, and from Node, is loaded when it is used, not when it is named. It
 * names some thirty at its start, of which most commands use none. Nothing of oclif is changed: each `require` of
 * a package gets something that stands in for it until it is touched.
 *
 * `standsIn(importer, path)` says for which.
 */
export function onUse(standsIn) {
  return {
    name: 'on-use',
    setup(build) {
      build.onResolve({filter: /^[^./]/}, ({importer, kind, path, pluginData}) => {
        if (pluginData === REAL || kind === 'dynamic-import' || !standsIn(importer, path)) return undefined
        return {path, namespace: 'on-use', pluginData: importer}
      })
      build.onLoad({filter: /^/, namespace: 'on-use'}, ({path, pluginData: importer}) => {
        const require = createRequire(importer)
        return {
          contents: standIn(path, require(path)),
          resolveDir: isBuiltin(path) ? undefined : importer.replace(/[^/\\]*$/, ''),
          pluginData: REAL,
        }
      })
    },
  }
}

const REAL = 'real'

function standIn(path, module) {
  const real = `const real = () => require(${JSON.stringify(path)})`
  if (typeof module === 'function') {
    return `${real}
      module.exports = new Proxy(() => undefined, {
        get: (_, name) => name === '__esModule' ? ${Boolean(module.__esModule)} : real()[name],
        apply: (_, self, words) => Reflect.apply(real(), self, words),
      })`
  }

  const names = Object.keys(module).filter((name) => name !== '__esModule')
  const getters = names.map(
    (name) => `get ${JSON.stringify(name)}() {return real()[${JSON.stringify(name)}]}`,
  )
  const mark = module.__esModule ? "Object.defineProperty(module.exports, '__esModule', {value: true})" : ''
  return `${real}; module.exports = {${getters.join(',')}}; ${mark}`
}
