import assert from 'node:assert/strict'
import {cpSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Broken} from './broken.js'

/** A backend without a flaw, as a package. */
export const GOOD = join(import.meta.dirname, 'good')

/** Copies the good backend and breaks the copy. */
export function breakBackend(
  directory: string,
  {edits, file = 'index.js'}: Pick<Broken, 'edits' | 'file'>,
): void {
  cpSync(GOOD, directory, {recursive: true})
  const path = join(directory, file)
  let text = readFileSync(path, 'utf8')
  for (const [from, to] of edits) {
    assert.ok(text.includes(from), `${file} has: ${from}`)
    text = text.replaceAll(from, () => to)
  }

  writeFileSync(path, text)
}
