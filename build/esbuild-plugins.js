// What makes clinvk start faster than the plain bundle of its sources and of oclif does.
import {readFileSync} from 'node:fs'
import {join, relative} from 'node:path'

/**
 * CommonJS modules, as the TypeScript compiler writes them, load each module where they use it instead of at their
 * start. oclif names some hundred modules, of which most commands need twenty.
 */
export function inlineRequires(filter) {
  return {
    name: 'inline-requires',
    setup({onLoad}) {
      onLoad({filter}, ({path}) => {
        const source = readFileSync(path, 'utf8')
        const contents = [...source.matchAll(REQUIRE)].reduce(
          (text, [, name, value]) => text.replaceAll(RegExp(`(?<![\\w.$])${name}\\b`, 'g'), `(${value})`),
          source.replaceAll(REQUIRE, ''),
        )
        return {contents, loader: 'js'}
      })
    },
  }
}

/** Packages that CommonJS modules ask for stay files of their own: `directory` of `imports` in package.json has them. */
export function apart(names, directory) {
  return {
    name: 'apart',
    setup({onResolve}) {
      onResolve({filter: RegExp(`^(${names.join('|')})$`)}, ({kind, path}) =>
        kind === 'require-call' ? {path: `${directory}/${path}`, external: true} : undefined,
      )
    },
  }
}

/**
 * Prepares our own sources. They take Node's modules from `process.getBuiltinModule`: an import reads each export,
 * and some load more, as the streams of `node:fs`. And each imports the layer that `layerOf` gives for it, so esbuild
 * sees no reason to split a layer, and makes one file of it.
 */
export function ownSources(layerOf) {
  return {
    name: 'own-sources',
    setup({initialOptions: {absWorkingDir}, onLoad}) {
      onLoad({filter: /\.ts$/}, ({path}) => ({
        contents: `import '${join(absWorkingDir, layerOf(relative(absWorkingDir, path)))}'; ${builtinsFromProcess(readFileSync(path, 'utf8'))}`,
        loader: 'ts',
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
