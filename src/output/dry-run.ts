import {formatNumber, quoteCommand} from 'clinvk-kit/format/text'
import {visibleLine} from 'clinvk-kit/format/visible'
import type {OutputFormat} from 'clinvk-kit/settings/settings'
import type {PreparedTurn} from 'clinvk-kit/turn/prepare'

/** What would be run: for people a line that can be pasted, for scripts the same as data. */
export function dryRun(prepared: PreparedTurn, format: OutputFormat): string {
  const {entry, invocation, session, turn} = prepared
  const {stdin} = invocation
  const command = commandOf(prepared)
  if (format === 'text') {
    const feed =
      stdin.length > MAX_PRINTED_PROMPT
        ? `cat PROMPT_OF_${formatNumber(stdin.length)}_CHARACTERS`
        : quoteCommand(['printf', '%s', stdin])
    return `Would execute: ${feed} | ${quoteCommand(command)}\nIn: ${visibleLine(turn.cwd)}\n`
  }
  const data = {
    dry_run: true,
    backend: entry.name,
    session_id: session?.continues && session.id,
    command,
    stdin,
    working_dir: turn.cwd,
  }
  return `${JSON.stringify(data, undefined, format === 'json' ? 2 : undefined)}\n`
}

export function commandOf({executable, invocation}: PreparedTurn): string[] {
  return [executable.file, ...executable.leading, ...invocation.args]
}

const MAX_PRINTED_PROMPT = 4000
