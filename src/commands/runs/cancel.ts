import {ClinvkCommand} from 'clinvk-kit/command'
import {findRun, readRun} from 'clinvk-kit/runs/store/kept-runs'
import {Failure} from 'clinvk-kit/errors/failure'
import {untilEnded} from 'clinvk-kit/runs/store/follow'
import {runArg, runJsonFlag} from '../../runs/run-arguments.js'

export default class RunsCancel extends ClinvkCommand {
  static override summary = 'End a run, as Ctrl-C does where it runs.'
  static override examples = ['clinvk runs cancel 3616f072']
  static completion = {args: {run: 'run'}}
  static override args = {run: runArg}
  static override flags = {json: runJsonFlag}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(RunsCancel)
    const run = findRun(args.run, this.io.env)
    const id = run.description.id.slice(0, 8)
    const holder = run.folder.holder()
    if (!holder) throw new Failure('usage', `Run ${id} is not running: ${readRun(run).summary.state}.`)
    if (holder.pid === undefined || holder.state !== 'alive')
      throw new Failure('session', `Run ${id} is running on another machine or in a container. End it there.`)
    if (run.folder.events().findLast((event) => event.type === 'run')?.is_shared)
      throw new Failure(
        'session',
        `Run ${id} is not ended from here: process ${holder.pid} does more than this run.`,
        ['Where that is clinvk serve: POST /api/v1/runs/ID/cancel'],
      )
    process.kill(holder.pid, 'SIGTERM')
    await untilEnded(run.folder, this.io.interrupts().stop)
    if (flags.json) this.printJson(readRun(run).summary)
    else this.print(`Run ${id} was cancelled. Run the unfinished tasks: clinvk runs resume ${id}\n`)
  }
}
