import {ClinvkCommand} from 'clinvk-kit/command'
import {findRun, readRun, rowJson, runJson} from 'clinvk-kit/runs/store/kept-runs'
import * as Args from '@oclif/core/args'
import {Failure} from 'clinvk-kit/errors/failure'
import {widthOf} from 'clinvk-kit/format/table'
import {oneLine} from 'clinvk-kit/format/text'
import {keptTrees} from 'clinvk-kit/runs/store/task-tree'
import {findTask, runArg, runJsonFlag} from '../../runs/run-arguments.js'
import {taskTable} from '../../runs/summary.js'

export default class RunsShow extends ClinvkCommand {
  static override summary = 'Show a run: its tasks and how they ended, or the answer of one.'
  static override examples = [
    'clinvk runs show 3616f072',
    'clinvk runs show @last 2',
    'clinvk runs show @last --json | jq ".tasks[].state"',
  ]
  static completion = {args: {run: 'run'}}
  static override args = {
    run: runArg,
    task: Args.string({description: 'Print the answer of this task: its number or name.', ignoreStdin: true}),
  }
  static override flags = {json: runJsonFlag}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(RunsShow)
    const run = readRun(findRun(args.run, this.io.env))
    const {summary, tasks} = run
    const short = summary.id.slice(0, 8)
    if (args.task !== undefined) {
      const row = findTask(run, args.task)
      if (flags.json) return this.printJson(rowJson(row))
      if (row.result === undefined) {
        throw new Failure('session', `Task ${row.number} of run ${short} is not done: ${row.state}.`, [
          ...(row.session_id === undefined
            ? []
            : [`What it has said: clinvk sessions log ${row.session_id.slice(0, 8)}`]),
        ])
      }
      return this.print(`${row.result.content.trimEnd()}\n`)
    }
    if (flags.json) return this.printJson(runJson(run))
    const {done, failed, total} = summary.tasks
    const counts = `${done} of ${total} tasks done${failed === 0 ? '' : `, ${failed} failed`}`
    this.print(`Run:        ${summary.id}\nState:      ${summary.state}, ${counts}\n`)
    this.print(`Directory:  ${oneLine(summary.working_dir)}\nCommand:    clinvk ${summary.command}\n\n`)
    const lines = tasks.map(({session_id: session, ...row}) => {
      const {id, name = id, prompt} = row
      return {...row, session, last: oneLine(name ?? prompt)}
    })
    this.print(taskTable(lines, ['STATE', 'TASK'], widthOf(this.io.stdout)))
    const trees = keptTrees(summary.id, tasks)
    const next = [...trees, ...nextSteps(summary.state, failed, short)]
    if (next.length > 0) this.print(`\n${next.join('\n')}\n`)
  }
}

function nextSteps(state: string, failed: number, id: string): string[] {
  if (state === 'running') return [`Follow it: clinvk runs logs -f ${id}`, `End it: clinvk runs cancel ${id}`]
  return [
    ...(['interrupted', 'cancelled', 'paused'].includes(state)
      ? [`Run what is not done: clinvk runs resume ${id}`]
      : []),
    ...(failed > 0 ? [`Run again what has failed: clinvk runs retry ${id}`] : []),
  ]
}
