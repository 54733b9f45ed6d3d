import type {Config} from '@oclif/core'
import {oneLine} from 'clinvk-kit/format/text'
import {visibleLine} from 'clinvk-kit/format/visible'
import type {IO} from 'clinvk-kit/io'
import {type Answer, answer} from './answer.js'

/**
 * Answers a shell: `clinvk __complete [--empty] -- WORD...`, the words after
 * `clinvk` up to the one at the cursor, which may be empty. Prints a line for each
 * candidate, its description after a tab; a line that begins with a colon tells
 * the shell what else to do (`:files`, `:directories`, `:nospace`). A shell that
 * drops empty words passes `--empty` instead.
 *
 * The user is typing, so errors print nothing, and the answer is not waited for longer than LIMIT_MS.
 */
export async function complete(argv: readonly string[], config: Config, io: IO): Promise<void> {
  let timer
  const limit = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(''), LIMIT_MS)
  })
  const answering = answer(wordsOf(argv), config, io)
    .then((found) => textOf(found))
    .catch(() => '')
  io.stdout.write(await Promise.race([answering, limit]))
  clearTimeout(timer)
}

/** PowerShell also drops the `--`. */
function wordsOf(argv: readonly string[]): string[] {
  const isEmpty = argv[0] === '--empty'
  const rest = isEmpty ? argv.slice(1) : argv
  return [...(rest[0] === '--' ? rest.slice(1) : rest), ...(isEmpty ? [''] : [])]
}

/** Leaves out what cannot be a line for a shell. */
function textOf({candidates, isOpen, paths}: Answer): string {
  const words = candidates.filter(
    ({value}) => value !== '' && !value.startsWith(':') && visibleLine(value) === value,
  )
  const lines = [...new Map(words.map((word) => [word.value, word])).values()].map(({description, value}) => {
    const text = oneLine(description ?? '')
    const short = text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS - 1)}…` : text
    return short === '' ? value : `${value}\t${short}`
  })
  if (isOpen) lines.push(':nospace')
  if (paths) lines.push(`:${paths}`)
  return lines.map((line) => `${line}\n`).join('')
}

const MAX_CHARACTERS = 80
const LIMIT_MS = 3000
