import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {Failure} from 'clinvk-kit/errors/failure'
import {turnFlags} from 'clinvk-kit/flags'
import {summaryOf, type RunSummary} from 'clinvk-kit/runs/store/past'
import {findRun, type KeptRun} from 'clinvk-kit/runs/store/run-folder'
import type {TaskRow} from 'clinvk-kit/runs/store/task-rows'

/** What the commands about runs share. */
export abstract class RunsCommand extends ClinvkCommand {
  /** The run that the user means. Throws a Failure. */
  protected find(word: string): KeptRun {
    return findRun(word, this.io.env)
  }

  protected summary(run: KeptRun): RunSummary {
    return summaryOf(run)
  }

  /** The task that the user means by its number, name or id. Throws a Failure; `run` is the short id for it. */
  protected row(rows: readonly TaskRow[], word: string, run: string): TaskRow {
    const row = rows.find(({id, name, number}) => [String(number), name, id].includes(word))
    if (row) return row
    throw new Failure('usage', `Run ${run} has no task ${word}.`, [`See: clinvk runs show ${run}`])
  }
}

export const runArg = Args.string({
  description: 'Id of a run, the beginning of one, or @last.',
  required: true,
  ignoreStdin: true,
})

export const runJsonFlag = Flags.boolean({description: 'Print JSON.'})

/** How a run is shown that continues. */
export const shownFlags = {
  'output-format': turnFlags['output-format'],
  json: turnFlags.json,
  quiet: turnFlags.quiet,
}
