import {ClinvkCommand} from 'clinvk-kit/command'
import {findRun} from 'clinvk-kit/runs/store/kept-runs'
import {Failure} from 'clinvk-kit/errors/failure'
import {oneLine} from 'clinvk-kit/format/text'
import {runJsonFlag, tasksWithTree, treeArgs} from '../../runs/run-arguments.js'

export default class RunsApply extends ClinvkCommand {
  static override summary = 'Apply the changes of a task to the work tree where you are.'
  static override description =
    'They are merged three ways and staged, not committed. Where a part does not fit, or you have staged changes, nothing is applied. The worktree of the task stays: clinvk runs drop.'
  static override examples = ['clinvk runs apply 3616f072 parser', 'clinvk runs apply @last 2']
  static completion = {args: {run: 'run'}}
  static override args = treeArgs
  static override flags = {json: runJsonFlag}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(RunsApply)
    const {cwd, env} = this.io
    const run = findRun(args.run, this.io.env)
    const short = run.description.id.slice(0, 8)
    const [first, ...others] = tasksWithTree(run, args.task)
    if (others.length > 0)
      throw new Failure('usage', `${others.length + 1} tasks of run ${short} have worktrees: name one.`, [
        `See: clinvk runs diff ${short} --stat`,
      ])
    const {row, tree} = first!
    const {applyTree} = await import('clinvk-kit/worktree/apply')
    const {stat} = await applyTree(tree, cwd, env)
    if (flags.json) return this.printJson({run_id: run.description.id, task: row.number, stat})
    const what =
      stat === ''
        ? `${oneLine(row.label)} has changed nothing.`
        : `Staged from ${oneLine(row.label)}: ${stat}`
    this.print(`${what}\nRemove its worktree: clinvk runs drop ${short} ${row.number}\n`)
  }
}
