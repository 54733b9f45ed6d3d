import * as Args from '@oclif/core/args'
import {Failure} from 'clinvk-kit/errors/failure'
import type {KeptRun} from 'clinvk-kit/runs/store/run-folder'
import type {TaskTree} from 'clinvk-kit/runs/store/task-tree'
import {taskRows, type TaskRow} from 'clinvk-kit/runs/store/task-rows'
import {runArg, RunsCommand} from './run-command.js'

/** A task and the work tree that it had. */
export interface TreeOfTask {
  readonly row: TaskRow
  readonly tree: TaskTree
}

/** What the commands about the work trees of a run share. */
export abstract class TreeCommand extends RunsCommand {
  /** The trees of a run that were not removed: of one task, or all. Throws a Failure where there is none. */
  protected trees({description, folder}: KeptRun, task?: string): TreeOfTask[] {
    const short = description.id.slice(0, 8)
    const rows = taskRows(description, folder.events(), folder.holder() !== undefined)
    const found = task === undefined ? rows : [this.row(rows, task, short)]
    const trees = found.flatMap((row) => {
      const {tree} = row
      return tree && !tree.end?.isRemoved ? [{row, tree}] : []
    })
    if (trees.length > 0) return trees
    const what = task === undefined ? `Run ${short}` : `Task ${task} of run ${short}`
    throw new Failure('usage', `${what} has no worktree with changes.`, [
      'A worktree in which nothing has changed was removed; without --worktree there is none.',
    ])
  }
}

export const treeArgs = {
  run: runArg,
  task: Args.string({description: 'Number or name of a task. Default: all.', ignoreStdin: true}),
}
