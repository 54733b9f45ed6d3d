import type {Config} from '@oclif/core'
import type {RunView} from 'clinvk-kit/runs/result'
import {DATA_FORMATS, type ShownRun} from '../output/data-formats.js'
import {type ContextFlags, loadContext, type PromptContext} from '../prompt/context.js'

/** Runs tasks and shows them in the format that was asked for; `textView` makes what people see. Returns the exit code. */
export async function withRunView(
  config: Config,
  flags: ContextFlags,
  textView: (context: PromptContext) => Promise<RunView> | RunView,
  run: (context: PromptContext, view: RunView) => Promise<number>,
): Promise<number> {
  const context = await loadContext(config, flags)
  const {format, notes, printer} = context
  const view: ShownRun = format === 'text' ? await textView(context) : DATA_FORMATS[format].run(printer)
  for (const note of notes) view.notice(note)
  try {
    return await run(context, view)
  } catch (error) {
    view.refused?.()
    throw error
  } finally {
    view.close?.()
  }
}
