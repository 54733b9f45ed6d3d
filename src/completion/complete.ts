import type {Config} from '@oclif/core'
import {oneLine} from 'clinvk-kit/format/text'
import {visibleLine} from 'clinvk-kit/format/visible'
import type {IO} from 'clinvk-kit/io'
import {commandCandidates, flagCandidates} from './candidates.js'
import {type Flag, flagNamed, kindOfArg, kindOfFlag, readLine} from './read-line.js'
import {type Question, type Values, valuesOf} from './values.js'

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

/** What may stand at the cursor: whole words, those first that should be seen first. `isOpen`: a word goes on behind it. */
type Answer = Values & {readonly isOpen?: boolean}

/** Answers for the words after `clinvk`, the last of which is the one at the cursor. Imports no command and no backend. */
export async function answer(
  words: readonly string[],
  config: Config,
  {cwd, env}: Pick<IO, 'cwd' | 'env'>,
): Promise<Answer> {
  const current = words.at(-1) ?? ''
  const line = readLine(words.slice(0, -1), config)
  const question = {config, cwd, env, line, beginning: current}
  if (line.open) return valuesOfFlag(line.open, '', question)
  if (!current.startsWith('-') || line.isEnded) return positional(question)
  const {flag, value} = flagNamed(current, line.command) ?? {}
  if (flag?.type !== 'option' || value === undefined) return {candidates: flagCandidates(current, line)}
  const start = current.slice(0, current.length - value.length)
  return valuesOfFlag(flag, start, {...question, beginning: value})
}

/** Below a topic its commands, and the arguments of the command that the topic may be, too. */
async function positional(question: Question): Promise<Answer> {
  const {beginning, config, line} = question
  const commands = line.topic === undefined ? [] : commandCandidates(line.topic, beginning, config)
  const {isRepeated, kind, options} = kindOfArg(line)
  const {candidates, paths} = await valuesOf(kind, {...question, options}, isRepeated ? line.args : [])
  return {candidates: [...commands, ...candidates], paths}
}

/** `start` is what the word begins with before the value: `--backend=`. */
async function valuesOfFlag(flag: Flag, start: string, question: Question): Promise<Answer> {
  const {delimiter, multiple, options} = flag.type === 'option' ? flag : {}
  const {beginning, line} = question
  const before = delimiter === undefined ? '' : beginning.slice(0, beginning.lastIndexOf(delimiter) + 1)
  const values = multiple ? [...(line.flags.get(flag.name) ?? []), before] : []
  const given = delimiter === undefined ? values : values.flatMap((value) => value.split(delimiter))
  const part = {...question, beginning: beginning.slice(before.length), options}
  const {candidates, paths} = await valuesOf(kindOfFlag(flag, line), part, given)
  return {
    candidates: candidates.map((candidate) => ({...candidate, value: start + before + candidate.value})),
    paths,
    isOpen: delimiter !== undefined,
  }
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
