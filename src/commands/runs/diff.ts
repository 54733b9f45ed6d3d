import {ClinvkCommand} from 'clinvk-kit/command'
import {findRun} from 'clinvk-kit/runs/store/kept-runs'
import * as Flags from '@oclif/core/flags'
import {oneLine} from 'clinvk-kit/format/text'
import {treeJson} from 'clinvk-kit/runs/store/task-tree'
import {runJsonFlag, tasksWithTree, treeArgs} from '../../runs/run-arguments.js'

export default class RunsDiff extends ClinvkCommand {
  static override summary = 'Print what tasks have changed in their worktrees, as patches.'
  static override description =
    'All that differs from the commit that a worktree started from: its commits, what is not committed, and untracked files. Files that git ignores are no part of it.'
  static override examples = [
    'clinvk runs diff 3616f072',
    'clinvk runs diff @last parser --stat',
    'clinvk runs diff @last 2 > parser.patch',
  ]
  static completion = {args: {run: 'run'}}
  static override args = treeArgs
  static override flags = {
    stat: Flags.boolean({description: 'Print the number of changed lines of each file instead.'}),
    json: runJsonFlag,
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(RunsDiff)
    const run = findRun(args.run, this.io.env)
    const {diffOf, patchOf} = await import('clinvk-kit/worktree/changes')
    const tasks: object[] = []
    for (const {row, tree} of tasksWithTree(run, args.task)) {
      const changes = await diffOf(tree, this.io.env)
      const {leftOut, stat} = changes
      if (leftOut.length > 0)
        this.note(
          `Not in the patch of ${oneLine(row.label)}, as they are repositories of their own: ${leftOut.join(', ')}`,
        )
      const patch = flags.stat ? undefined : await patchOf(changes)
      if (flags.json)
        tasks.push({task: row.number, name: row.name, ...treeJson(tree), stat, patch: patch?.toString()})
      // `git apply` passes over such a line.
      else this.print(`# ${oneLine(row.label)}: ${tree.branch}, ${stat === '' ? 'no changes' : stat}\n`)
      if (!flags.json && patch) this.io.stdout.write(patch)
    }
    if (flags.json) this.printJson({run_id: run.description.id, tasks})
  }
}
