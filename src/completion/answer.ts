import type {Config} from '@oclif/core'
import type {Candidate} from 'clinvk-kit/hooks/complete'
import type {IO} from 'clinvk-kit/io'
import {commandCandidates} from './command-candidates.js'
import {flagCandidates} from './flag-candidates.js'
import {type Flag, flagNamed, type Line, readLine} from './read-line.js'
import {kindOfArg, kindOfFlag} from './value-kind.js'
import {type Asked, type Values, valuesOf} from './values.js'

/** What may stand at the cursor: whole words, those first that should be seen first. */
export interface Answer {
  readonly candidates: readonly Candidate[]
  /** The shell is to complete names of files or directories itself. */
  readonly paths?: 'files' | 'directories' | undefined
  /** The word goes on after the candidate: no space. */
  readonly isOpen?: boolean | undefined
}

/** Answers for the words after `clinvk`, the last of which is the one at the cursor. Imports no command and no backend. */
export async function answer(
  words: readonly string[],
  config: Config,
  {cwd, env}: Pick<IO, 'cwd' | 'env'>,
): Promise<Answer> {
  const current = words.at(-1) ?? ''
  const line = readLine(words.slice(0, -1), config)
  const ask = {config, cwd, env, line}
  if (line.open) return valuesOfFlag(line.open, '', current, ask)
  if (current.startsWith('-') && !line.isEnded) {
    const given = flagNamed(current, line.command)
    if (given?.value !== undefined && given.flag.type === 'option') {
      const start = current.slice(0, current.length - given.value.length)
      return valuesOfFlag(given.flag, start, given.value, ask)
    }

    return {candidates: flagCandidates(current, line).filter(({value}) => value.startsWith(current))}
  }

  return positional(current, ask)
}

type Ask = Pick<Asked, 'config' | 'cwd' | 'env' | 'line'>

/** Below a topic its commands, and what the command takes that the topic may be, too. */
async function positional(current: string, ask: Ask): Promise<Answer> {
  const {config, line} = ask
  const commands = line.topic === undefined ? [] : commandCandidates(line.topic, current, config)
  const {isRepeated, kind, options} = kindOfArg(line)
  const values = await valuesOf(kind, {...ask, beginning: current, options})
  const given = new Set(isRepeated ? line.args : [])
  const candidates = values.candidates.filter(({value}) => value.startsWith(current) && !given.has(value))
  return {candidates: [...commands, ...candidates], paths: values.paths}
}

/** `start` is what the word begins with before the value: `--backend=`. */
async function valuesOfFlag(flag: Flag, start: string, current: string, ask: Ask): Promise<Answer> {
  const {delimiter, multiple, options} = flag.type === 'option' ? flag : {}
  const before = delimiter === undefined ? '' : current.slice(0, current.lastIndexOf(delimiter) + 1)
  const beginning = current.slice(before.length)
  const found = await valuesOf(kindOfFlag(flag, ask.line), {...ask, beginning, options})
  const given = new Set(multiple ? givenValues(flag, before, delimiter, ask.line) : [])
  return {
    ...prefixed(found, start + before, (value) => value.startsWith(beginning) && !given.has(value)),
    isOpen: delimiter !== undefined,
  }
}

function givenValues(
  {name}: Flag,
  before: string,
  delimiter: string | undefined,
  {flags}: Line,
): readonly string[] {
  const values = [...(flags.get(name) ?? []), before]
  return delimiter === undefined ? values : values.flatMap((value) => value.split(delimiter))
}

function prefixed(
  {candidates, paths}: Values,
  start: string,
  isWanted: (value: string) => boolean,
): Pick<Answer, 'candidates' | 'paths'> {
  const wanted = candidates.filter(({value}) => isWanted(value))
  return {candidates: wanted.map(({description, value}) => ({value: start + value, description})), paths}
}
