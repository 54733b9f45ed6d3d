// What makes clinvk start faster than the plain bundle of its sources and of oclif does.
import {readFileSync} from 'node:fs'
import {join, relative} from 'node:path'

/**
 * Prepares oclif, whose modules are CommonJS as the TypeScript compiler writes it. Each loads another module where it uses
 * it instead of at its start: they name some hundred, of which most commands need twenty. Those in `rare` are not in
 * the files that commands load: each of its lists becomes an entry point, `rare:NAME`, that Node loads as #rare/NAME.
 */
export function oclif(rare) {
  const groupOf = new Map(
    Object.entries(rare).flatMap(([group, names]) => names.map((name) => [name, group])),
  )
  return {
    name: 'oclif',
    setup({initialOptions: {absWorkingDir}, onLoad, onResolve}) {
      const lib = join(absWorkingDir, 'node_modules/@oclif/core/lib')
      onLoad({filter: /[/\\]@oclif[/\\]core[/\\]lib[/\\].*\.js$/}, ({path}) => ({
        contents: inlineRequires(readFileSync(path, 'utf8'))
          .replace(/require\("([^"]*)"\)/g, (call, name) => {
            const own = name.startsWith('.') ? `./${relative(lib, join(path, '..', name))}` : name
            return groupOf.has(own) ? `require("#rare/${groupOf.get(own)}").default["${own}"]` : call
          })
          .replaceAll("import('wsl-utils')", "require('wsl-utils')")
          // The first comparison by the rules of a language takes five milliseconds.
          .replaceAll('a.id.localeCompare(b.id)', '(a.id < b.id ? -1 : 1)'),
        loader: 'js',
      }))
      onResolve({filter: /^rare:/}, ({path}) => ({path, namespace: 'rare'}))
      onLoad({filter: /^/, namespace: 'rare'}, ({path}) => {
        const getters = rare[path.slice('rare:'.length)].map(
          (name) => `get "${name}"() {return require("${name}")}`,
        )
        return {
          contents: `import '${absWorkingDir}/build/layers/every-command.js'\nexport default {${getters.join()}}`,
          resolveDir: lib,
        }
      })
    },
  }
}

function inlineRequires(source) {
  return [...source.matchAll(REQUIRE)].reduce(
    (text, [, name, value]) => text.replaceAll(RegExp(`(?<![\\w.$])${name}\\b`, 'g'), `(${value})`),
    source.replaceAll(REQUIRE, ''),
  )
}

/**
 * Prepares our own sources. They take Node's modules from `process.getBuiltinModule`: an import reads each export,
 * and some load more, as the streams of `node:fs`. And each imports the layer that `layerOf` gives for it, so esbuild
 * sees no reason to split a layer, and makes one file of it. Packages that are imported when they are needed do, too.
 */
export function ownSources(layerOf) {
  return {
    name: 'own-sources',
    setup({initialOptions: {absWorkingDir}, onLoad, onResolve, resolve}) {
      const layer = (file) => `import '${join(absWorkingDir, layerOf(relative(absWorkingDir, file)))}';`
      onLoad({filter: /\.ts$/}, ({path}) => ({
        contents: layer(path) + builtinsFromProcess(readFileSync(path, 'utf8')),
        loader: 'ts',
      }))
      onResolve({filter: /^[@\w]/}, async ({kind, path, resolveDir}) => {
        if (kind !== 'dynamic-import' || path.startsWith('clinvk-')) return undefined
        const found = await resolve(path, {kind: 'import-statement', resolveDir})
        return found.external ? undefined : {path: found.path, namespace: 'package'}
      })
      onLoad({filter: /^/, namespace: 'package'}, ({path}) => ({
        contents: `${layer(path)} import * as all from '${path}'; export * from '${path}'; export default all.default`,
        resolveDir: absWorkingDir,
      }))
    },
  }
}

function builtinsFromProcess(source) {
  return source.replace(BUILTIN, (_, names, module) => {
    const values = names.split(',').filter((name) => name.trim() && !name.trim().startsWith('type '))
    return `const {${values.join().replaceAll(' as ', ': ')}} = process.getBuiltinModule('${module}')`
  })
}

/** `const fs_1 = require("./util/fs");`, or with `__importDefault(…)` around it. */
const REQUIRE = /^(?:const|var) (\w+) = ((?:__import\w+\()?require\("[^"]*"\)\)?);$/gm
const BUILTIN = /^import \{([^}]*)\} from '(node:[^']*)'$/gm
