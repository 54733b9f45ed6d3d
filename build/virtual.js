import {ROOT} from './bundled-plugins.js'

/** For esbuild: a module of this name that exports an object of these properties, each written in JavaScript. It stands in `folder`. */
export function virtual(name, properties, folder = '') {
  return {
    name,
    setup(build) {
      build.onResolve({filter: RegExp(`^${name}$`)}, () => ({path: name, namespace: name}))
      build.onLoad({filter: /^/, namespace: name}, () => ({
        contents: `module.exports = {${properties.join(',\n')}}`,
        resolveDir: `${ROOT}${folder}`,
      }))
    },
  }
}
