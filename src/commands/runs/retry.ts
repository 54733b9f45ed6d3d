import {ClinvkCommand} from 'clinvk-kit/command'
import {findRun} from 'clinvk-kit/runs/store/kept-runs'
import * as Args from '@oclif/core/args'
import {Failure} from 'clinvk-kit/errors/failure'
import {runAgain} from '../../runs/kept-run.js'
import {runArg, shownFlags} from '../../runs/run-arguments.js'

export default class RunsRetry extends ClinvkCommand {
  static override summary = 'Run the failed tasks of a run again, in the same sessions.'
  static override description =
    'Tasks that wait for them run afterwards. Tasks that have succeeded are not started again.'
  static override examples = ['clinvk runs retry 3616f072', 'clinvk runs retry @last 2 --json']
  static completion = {args: {run: 'run'}}
  static override args = {
    run: runArg,
    task: Args.integer({description: 'Only this task, by its number.', ignoreStdin: true, min: 1}),
  }
  static override flags = shownFlags

  async run(): Promise<number> {
    const {args, flags} = await this.parse(RunsRetry)
    const id = args.run
    const {task} = args
    return runAgain(this.config, findRun(id, this.io.env), flags, (past) => {
      const failed = [...past].flatMap(([number, {done}]) =>
        done && done.result.outcome !== 'success' ? [number] : [],
      )
      const wanted = task === undefined ? failed : failed.filter((number) => number === task)
      if (wanted.length > 0) return wanted
      const what =
        task === undefined ? 'No task of this run has failed' : `Task ${task} of this run has not failed`
      throw new Failure('usage', `${what}, so there is nothing to run again.`, [
        `Run the unfinished tasks: clinvk runs resume ${id}`,
      ])
    })
  }
}
