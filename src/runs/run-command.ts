import {Args, Flags} from '@oclif/core'
import {ClinvkCommand} from 'clinvk-kit/command'
import {turnFlags} from 'clinvk-kit/flags'
import {summaryOf, type RunSummary} from './store/past.js'
import {findRun, type KeptRun} from './store/run-folder.js'

/** What the commands about runs share. */
export abstract class RunsCommand extends ClinvkCommand {
  /** The run that the user means. Throws a Failure. */
  protected find(word: string): KeptRun {
    return findRun(word, this.io.env)
  }

  protected summary({description, folder}: KeptRun): RunSummary {
    return summaryOf(description, folder.events(), folder.holder() !== undefined)
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
