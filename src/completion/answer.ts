import type {Config} from '@oclif/core'
import type {IO} from 'clinvk-kit/io'
import {commandCandidates, flagCandidates} from './candidates.js'
import {type Flag, flagNamed, kindOfArg, kindOfFlag, readLine} from './read-line.js'
import {type Question, type Values, valuesOf} from './values.js'

/** What may stand at the cursor: whole words, those first that should be seen first. */
export interface Answer extends Values {
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
