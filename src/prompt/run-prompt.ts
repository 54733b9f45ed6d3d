import type {Config} from '@oclif/core'
import type {PromptCall} from 'clinvk-kit/flags'
import {isDryRun, prepareTurn} from 'clinvk-kit/turn/prepare'
import {runTurn} from 'clinvk-kit/turn/run-turn'
import {createOutput} from '../output/create-output.js'
import {dryRun} from '../output/dry-run.js'
import {turnRequest} from './request.js'
import {loadContext} from './context.js'
import {readPrompt} from './read-prompt.js'

/** Sends one prompt and prints what comes back, as `prompt` and `resume` do. Returns the exit code. */
export async function runPrompt({argument, flags}: PromptCall, config: Config): Promise<number> {
  const context = await loadContext(config, flags)
  const {format, io, printer, settings} = context
  const output = createOutput(format, printer, {
    showTokens: flags['show-tokens'] ?? settings.output.show_tokens,
    showTiming: flags['show-timing'] ?? settings.output.show_timing,
    raw: flags.raw,
  })
  const prompt = await readPrompt({argument, file: flags.file, appendStdin: flags.stdin}, io)
  for (const note of context.notes) output.notice(note)
  const turn = context.turn(output)
  const request = turnRequest(prompt, flags)
  const prepared = await prepareTurn(request, turn)
  if (isDryRun(request, settings)) {
    await printer.print(dryRun(prepared, format))
    return 0
  }

  const interrupts = io.interrupts()
  printer.hurryAt(interrupts.hurry)
  const result = await runTurn(prepared, turn, interrupts)
  return result.exit_code
}
