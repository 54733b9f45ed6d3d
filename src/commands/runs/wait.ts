import {ClinvkCommand} from 'clinvk-kit/command'
import {findRun, readRun} from 'clinvk-kit/runs/store/kept-runs'
import {duration} from 'clinvk-kit/flags'
import {Failure} from 'clinvk-kit/errors/failure'
import {untilEnded} from 'clinvk-kit/runs/store/follow'
import {runArg, runJsonFlag} from '../../runs/run-arguments.js'

export default class RunsWait extends ClinvkCommand {
  static override summary = 'Wait until a run has ended; its exit code is that of this command.'
  static override examples = ['clinvk runs wait 3616f072', 'clinvk runs wait @last --timeout 2h']
  static completion = {args: {run: 'run'}}
  static override args = {run: runArg}
  static override flags = {
    timeout: duration({description: 'Wait no longer than this (90s, 10m, 1h).', helpValue: 'TIME'}),
    json: runJsonFlag,
  }

  async run(): Promise<number> {
    const {args, flags} = await this.parse(RunsWait)
    const run = findRun(args.run, this.io.env)
    const {stop} = this.io.interrupts()
    const late = flags.timeout === undefined ? [] : [AbortSignal.timeout(flags.timeout)]
    await untilEnded(run.folder, AbortSignal.any([stop, ...late]))
    if (stop.aborted) throw new Failure('cancelled', 'Stopped waiting. The run continues.')
    if (run.folder.holder())
      throw new Failure('timeout', 'The run did not end within the timeout. It is still running.')
    const {exitCode, summary} = readRun(run)
    const {done, total} = summary.tasks
    if (flags.json) this.printJson(summary)
    else this.print(`Run ${summary.id.slice(0, 8)}: ${summary.state}, ${done} of ${total} tasks done\n`)
    if (exitCode !== undefined) return exitCode
    throw new Failure('session', 'The run was interrupted: its process was killed.', [
      `Run what is not done: clinvk runs resume ${summary.id.slice(0, 8)}`,
    ])
  }
}
