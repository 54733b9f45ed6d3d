import {readFileSync} from 'node:fs'

/**
 * For esbuild: CommonJS modules, as the TypeScript compiler writes them, load each module where they use it instead
 * of at their start. oclif names some hundred modules, of which most commands need twenty.
 */
export function inlineRequires(filter) {
  return {
    name: 'inline-requires',
    setup(build) {
      build.onLoad({filter}, ({path}) => {
        const source = readFileSync(path, 'utf8')
        const requires = [...source.matchAll(REQUIRE)]
        if (requires.length === 0) return undefined
        const contents = requires.reduce(
          (text, [, name, value]) => text.replaceAll(RegExp(`(?<![\\w.$])${name}\\b`, 'g'), `(${value})`),
          source.replaceAll(REQUIRE, ''),
        )
        return {contents, loader: 'js'}
      })
    },
  }
}

/** `const fs_1 = require("./util/fs");`, or with `__importDefault(…)` around it. */
const REQUIRE = /^(?:const|var) (\w+) = ((?:__import\w+\()?require\("[^"]*"\)\)?);$/gm
