import type {RunPlan} from 'clinvk-kit/runs/run-kinds'
import type {RunView} from 'clinvk-kit/runs/result'
import type {RunDescription} from 'clinvk-kit/runs/store/run-folder'
import type {PromptContext} from '../prompt/context.js'
import {summaryText} from './summary.js'
import {chainView, textView} from './text-view.js'

/** What people see of `parallel` and `chain`. */
export const RUN_VIEWS: Readonly<
  Record<
    RunDescription['command'],
    (plan: RunPlan, context: PromptContext, quiet: boolean) => RunView | Promise<RunView>
  >
> = {
  parallel: ({outputDir}, {io, printer, settings}, quiet) =>
    textView(printer, {
      answers: quiet ? 'none' : io.stdout.isTTY ? 'blocks' : 'lines',
      keepsContent: outputDir !== undefined,
      quiet,
      summary: (report) =>
        settings.parallel.aggregate_output ? summaryText(report, printer, {noun: 'task'}) : '',
    }),
  chain: ({tasks: {length: total}}, {printer, settings}, quiet) =>
    chainView(printer, {
      quiet,
      showTokens: settings.output.show_tokens,
      showTiming: settings.output.show_timing,
      total,
      summary: (report) => summaryText(report, printer, {noun: 'step', total}),
    }),
}
