import {ClinvkCommand} from 'clinvk-kit/command'
import {findRun} from 'clinvk-kit/runs/store/kept-runs'
import * as Flags from '@oclif/core/flags'
import {confirmed} from 'clinvk-kit/format/ask-yes'
import {counted, oneLine, quoteCommand} from 'clinvk-kit/format/text'
import {runJsonFlag, tasksWithTree, treeArgs} from '../../runs/run-arguments.js'

export default class RunsDrop extends ClinvkCommand {
  static override summary = 'Remove worktrees of a run, with their branches and what is in them.'
  static override description =
    'Shows what is in them and asks. Commits, and files that git does not ignore, can be restored for about two weeks: the command is printed.'
  static override examples = ['clinvk runs drop 3616f072 parser', 'clinvk runs drop @last --yes']
  static completion = {args: {run: 'run'}}
  static override args = treeArgs
  static override flags = {
    yes: Flags.boolean({char: 'y', description: 'Do not ask.'}),
    json: runJsonFlag,
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(RunsDrop)
    const {env} = this.io
    const run = findRun(args.run, this.io.env)
    const {id} = run.description
    const lock = run.folder.acquire(id)
    try {
      const trees = tasksWithTree(run, args.task)
      const {dropTree, lossOf} = await import('clinvk-kit/worktree/drop')
      for (const {row, tree} of trees) {
        const loss = await lossOf(tree, env)
        if (!flags.json)
          this.print(`${oneLine(row.label)}: ${loss.length === 0 ? 'no changes' : loss.join(', ')}\n`)
      }
      const words = ['clinvk', 'runs', 'drop', ...[args.run, args.task].filter((word) => word !== undefined)]
      if (
        !flags.yes &&
        !(await confirmed('remove', counted(trees.length, 'worktree'), quoteCommand(words), this.io))
      )
        return
      const log = run.folder.log(this.io, (text) => this.note(text))
      const dropped: object[] = []
      for (const {row, tree} of trees) {
        const saved = await dropTree(tree, env)
        await log.add({type: 'worktree', task: row.number, worktree: {...tree, end: {isRemoved: true}}})
        dropped.push({task: row.number, name: row.name, branch: tree.branch, commit: saved})
        if (flags.json) continue
        const again = saved && quoteCommand(['git', '-C', tree.repository, 'branch', tree.branch, saved])
        this.print(`${oneLine(row.label)}: dropped.${again ? ` To get it back: ${again}` : ''}\n`)
      }
      await log.close()
      if (flags.json) this.printJson({run_id: id, dropped})
    } finally {
      lock.release()
    }
  }
}
