import type {Config} from '@oclif/core'
import {randomHex} from 'clinvk-kit/format/random-id'
import type {RunReport, RunView} from 'clinvk-kit/runs/result'
import {DATA_FORMATS} from '../output/data-formats.js'
import {type ContextFlags, loadContext, type PromptContext} from '../prompt/context.js'

/** A run that a command shows. */
export interface ShownRun {
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly context: PromptContext
  /** What the view has to tell once the run has begun: the others were told at once. */
  readonly notes: readonly string[]
}

export async function startRun(config: Config, flags: ContextFlags, id = randomHex()): Promise<ShownRun> {
  const context = await loadContext(config, flags)
  const {format, notes, printer} = context
  if (format !== 'text' && DATA_FORMATS[format].hasNotices) return {id, context, notes}
  for (const note of notes) printer.note(note)
  return {id, context, notes: []}
}

/** The view for the format of the run; `json` is the report as data, `text` makes the view for people. */
export function createView(
  {context: {format, printer}}: ShownRun,
  json: (report: RunReport) => object,
  text: () => RunView | Promise<RunView>,
): RunView | Promise<RunView> {
  return format === 'text' ? text() : DATA_FORMATS[format].run(printer, json)
}
