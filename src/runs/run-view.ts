import type {Config} from '@oclif/core'
import type {RunView} from 'clinvk-kit/runs/result'
import {DATA_FORMATS} from '../output/data-formats.js'
import {type ContextFlags, loadContext, type PromptContext} from '../prompt/context.js'

/** Where a run takes place. Notes about settings are told at once, unless the format of results holds them. */
export async function loadRunContext(config: Config, flags: ContextFlags): Promise<PromptContext> {
  const context = await loadContext(config, flags)
  const {format, notes, printer} = context
  if (format === 'text' || !DATA_FORMATS[format].hasNotices) for (const note of notes) printer.note(note)
  return context
}

/** What shows a run in its format; `text` makes what people see. */
export async function runView(
  {format, notes, printer}: PromptContext,
  text: () => RunView | Promise<RunView>,
): Promise<RunView> {
  if (format === 'text') return text()
  const view = DATA_FORMATS[format].run(printer)
  if (DATA_FORMATS[format].hasNotices) for (const note of notes) view.notice(note)
  return view
}
