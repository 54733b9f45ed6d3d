import type {Backend, ProgramAnswer, TextCommand} from 'clinvk-contract'
import {planOf} from './plan.js'
import {TextReader} from './reader.js'

/** The backend of an agent whose descriptor has a `command` instead of a module. */
export function textBackend(title: string, command: TextCommand): Backend {
  const {version} = command
  return {
    plan: (turn) => planOf(turn, title, command),
    reader: (turn) => new TextReader(turn, title, command),
    probe: () => (version === undefined ? [] : [{kind: 'program', args: version, read: versionIn}]),
  }
}

function versionIn({code, stdout}: ProgramAnswer) {
  return {version: code === 0 ? /\d+\.\d[\w.+-]*/.exec(stdout)?.[0] : undefined}
}
