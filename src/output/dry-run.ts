import {formatNumber, quoteCommand} from 'clinvk-kit/format/text'
import {visibleLine} from 'clinvk-kit/format/visible'
import {commandOf} from 'clinvk-kit/turn/agent-command'
import type {PreparedTurn} from 'clinvk-kit/turn/prepare'

/** What would be run, for people: a line that can be pasted. */
export function dryRunText(prepared: PreparedTurn): string {
  const {handOff, invocation, turn} = prepared
  const {stdin} = invocation
  const feed =
    stdin.length > MAX_PRINTED_PROMPT
      ? `cat PROMPT_OF_${formatNumber(stdin.length)}_CHARACTERS`
      : quoteCommand(['printf', '%s', stdin])
  const carries = handOff?.preview === undefined ? '' : `${visibleLine(handOff.preview)}\n`
  return `${carries}Would execute: ${feed} | ${quoteCommand(commandOf(prepared))}\nIn: ${visibleLine(turn.cwd)}\n`
}

export function dryRunData(prepared: PreparedTurn): object {
  const {entry, handOff, invocation, session, turn} = prepared
  return {
    dry_run: true,
    backend: entry.name,
    session_id: session?.continues && !session.forks ? session.id : undefined,
    hand_off: handOff?.about,
    command: commandOf(prepared),
    stdin: invocation.stdin,
    working_dir: turn.cwd,
  }
}

const MAX_PRINTED_PROMPT = 4000
