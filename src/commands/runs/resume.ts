import {ClinvkCommand} from 'clinvk-kit/command'
import {findRun} from 'clinvk-kit/runs/store/kept-runs'
import {amount, positive} from 'clinvk-kit/flags'
import {runAgain} from '../../runs/kept-run.js'
import {runArg, shownFlags} from '../../runs/run-arguments.js'

export default class RunsResume extends ClinvkCommand {
  static override summary = 'Run the unfinished tasks of a run, after Ctrl-C, a crash, or a reboot.'
  static override description =
    'A task that has ended, also with an error, is not started again. One that was interrupted continues its session, so a tool that it was running may run twice. What has failed: clinvk runs retry.'
  static override examples = ['clinvk runs resume 3616f072', 'clinvk runs resume @last --max-tokens 500000']
  static completion = {args: {run: 'run'}}
  static override args = {run: runArg}
  static override flags = {
    'max-tokens': positive({description: 'Another cap for the whole run.', helpValue: 'N'}),
    'max-cost': amount({description: 'Another cap for the whole run, in US dollars.', helpValue: 'USD'}),
    ...shownFlags,
  }

  async run(): Promise<number> {
    const {args, flags} = await this.parse(RunsResume)
    return runAgain(this.config, findRun(args.run, this.io.env), flags)
  }
}
