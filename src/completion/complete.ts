import type {Config} from '@oclif/core'
import {oneLine} from 'clinvk-kit/format/one-line'
import {type Answer, answer} from './answer.js'

/**
 * Answers a shell: `clinvk __complete [--empty] -- WORD...`, the words after
 * `clinvk` up to the one at the cursor, which may be empty. A line for each
 * candidate, its description after a tab; a line that begins with a colon says
 * what the shell does besides (`:files`, `:directories`, `:nospace`). A shell that
 * drops empty words says `--empty` instead.
 *
 * Somebody is typing: whatever is wrong, nothing is said of it here, and nobody
 * is kept waiting for it.
 */
export async function complete(argv: readonly string[], config: Config): Promise<void> {
  silence()
  const answering = answerOf(wordsOf(argv), config).catch(() => '')
  process.stdout.write(await Promise.race([answering, tooLate()]))
}

async function answerOf(words: readonly string[], config: Config): Promise<string> {
  return textOf(await answer(words, config, process.env))
}

/** On its way through a script of PowerShell the `--` is lost, too. */
function wordsOf(argv: readonly string[]): string[] {
  const isEmpty = argv[0] === '--empty'
  const rest = isEmpty ? argv.slice(1) : argv
  return [...(rest[0] === '--' ? rest.slice(1) : rest), ...(isEmpty ? [''] : [])]
}

/** What cannot stand on a line of a shell is left out. */
function textOf({candidates, isOpen, paths}: Answer): string {
  const unique = new Map(
    candidates.filter(({value}) => isWord(value)).map(({description, value}) => [value, description]),
  )
  const lines = [...unique].map(([value, description]) => {
    const text = oneLine(description ?? '')
    return text === ''
      ? value
      : `${value}\t${text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text}`
  })
  if (isOpen) lines.push(':nospace')
  if (paths) lines.push(`:${paths}`)
  return lines.map((line) => `${line}\n`).join('')
}

function isWord(value: string): boolean {
  return value !== '' && !value.startsWith(':') && !/\p{Cc}/u.test(value)
}

/** Warnings of Node and of oclif about plugins, too: `doctor` has them. */
function silence(): void {
  process.removeAllListeners('warning')
  process.stderr.write = () => true
}

function tooLate(): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve(''), LATE_MS))
}

const LONGEST = 80
const LATE_MS = 3000
