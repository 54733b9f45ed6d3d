import type {Config} from '@oclif/core'
import {Failure} from 'clinvk-kit/errors/failure'
import type {PromptCall, PromptFlags} from 'clinvk-kit/flags'
import {prepareTurn} from 'clinvk-kit/turn/prepare'
import {type SessionRequest, type TurnOptionFlags, turnOptionsFrom} from 'clinvk-kit/turn/request'
import {runPrompt} from 'clinvk-kit/turn/run-prompt'
import {DATA_FORMATS} from '../output/data-formats.js'
import {dryRunData, dryRunText} from '../output/dry-run.js'
import {TextOutput} from '../output/text-output.js'
import {loadContext} from './context.js'
import {readPrompt} from './read-prompt.js'

/** Sends one prompt and prints what comes back, as `prompt` and `resume` do. Returns the exit code. */
export async function sendPrompt({argument, flags}: PromptCall, config: Config): Promise<number> {
  const common = await loadContext(config, flags)
  const {format, io, notes, printer, settings} = common
  const data = format === 'text' ? undefined : DATA_FORMATS[format]
  const output =
    data?.turn(printer) ??
    new TextOutput(printer, {
      showTokens: flags['show-tokens'] ?? settings.output.show_tokens,
      showTiming: flags['show-timing'] ?? settings.output.show_timing,
      showSummary: settings.output.show_summary,
      raw: flags.raw,
    })
  const notice = (message: string) => output.notice(message)
  const example = flags.continue ? 'clinvk -c "now add tests"' : undefined
  const prompt = await readPrompt({argument, file: flags.file, appendStdin: flags.stdin, example}, io, notice)
  for (const note of notes) notice(note)
  const context = await common.turn(output)
  const options = turnOptionsFrom(({flag}) => flags[flag as keyof TurnOptionFlags])
  const request = {...options, prompt, session: sessionRequest(flags)}
  const prepared = await prepareTurn(request, context)
  const interrupts = io.interrupts()
  printer.hurryAt(interrupts.hurry)
  const end = await runPrompt(prepared, interrupts)
  if (end.dryRun)
    await (data ? data.dryRun(printer, dryRunData(prepared)) : printer.print(dryRunText(prepared)))
  return end.result.exit_code
}

function sessionRequest(flags: PromptFlags): SessionRequest {
  const {at, continue: continues, ephemeral, fork, name, new: fresh, session, tag: tags = []} = flags
  const {adopts, restart} = flags
  if (tags.some((tag) => tag.trim() === '')) throw new Failure('usage', 'A tag must not be empty.')
  if (ephemeral) return {kind: 'ephemeral'}
  if (fork !== undefined) return {kind: 'fork', reference: fork, at, name, tags, adopts}
  if (session !== undefined) return {kind: 'named', reference: session, tags, restart, adopts}
  if (continues) return {kind: 'continue', tags}
  return {kind: 'new', fresh, tags, name}
}
