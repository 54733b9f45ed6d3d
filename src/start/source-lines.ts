import {readFileSync} from 'node:fs'
import {SourceMap, type SourceMapPayload} from 'node:module'

/** A stack that names the lines of our sources instead of those of the bundle, as far as its map says which. */
export function sourceLines(stack: string): string {
  const maps = new Map<string, SourceMap | undefined>()
  return stack.replaceAll(
    /((?:[A-Za-z]:)?[^\s():]*\.cjs):(\d+):(\d+)/g,
    (place, file: string, line: string, column: string) => {
      if (!maps.has(file)) maps.set(file, mapOf(file))
      const found = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1)
      if (found === undefined || !('originalSource' in found)) return place
      const source = found.originalSource.replace(/^(\.\.\/)+/, '')
      return `${source}:${found.originalLine + 1}:${found.originalColumn + 1}`
    },
  )
}

function mapOf(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')) as SourceMapPayload)
  } catch {
    return undefined
  }
}
