import {readFileSync} from 'node:fs'
import {dirname, relative, resolve} from 'node:path'

export interface Import {
  /** As written in the code. */
  readonly specifier: string
  /** The module that imports it, relative to the package. */
  readonly parent: string
}

/** What a module and the files of its package that it reaches import, in the code as it is written. */
export function importsOf(root: string, module: string): Import[] {
  const found: Import[] = []
  const files = new Set([resolve(root, module)])
  for (const file of files) {
    for (const specifier of specifiersIn(file)) {
      found.push({specifier, parent: relative(root, file)})
      if (specifier.startsWith('.')) files.add(resolve(dirname(file), specifier))
    }
  }

  return found
}

function specifiersIn(file: string): string[] {
  let code: string
  try {
    code = readFileSync(file, 'utf8')
  } catch {
    // A missing file is reported when the module is loaded.
    return []
  }

  const withoutComments = code.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  return [...withoutComments.matchAll(IMPORT)].map(([, specifier]) => specifier!)
}

const IMPORT = /\b(?:from|import|require)\b\s*\(?\s*['"]([^'"\n]+)['"]/g
