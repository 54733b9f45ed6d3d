import type {Backend, Findings, ProgramAnswer, Question, TextCommand} from 'clinvk-contract'
import {planOf} from './plan.js'
import {TextReader} from './reader.js'

/** The backend of an agent whose descriptor has a `command` and no module. */
export function textBackend(title: string, command: TextCommand): Backend {
  return {
    plan: (turn) => planOf(turn, title, command),
    reader: (turn) => new TextReader(turn, title, command),
    probe: () => (command.version === undefined ? [] : [question(command.version)]),
  }
}

function question(args: readonly string[]): Question {
  return {kind: 'program', args, read: versionIn}
}

function versionIn({code, stdout}: ProgramAnswer): Findings {
  const version = code === 0 ? /\d+\.\d[\w.+-]*/.exec(stdout)?.[0] : undefined
  return version === undefined ? {} : {version}
}
