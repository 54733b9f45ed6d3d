import {counted, quoteCommand} from '../../format/text.js'
import type {FinishedWorktree} from '../../worktree/finish.js'
import type {Worktree} from '../../worktree/make.js'

/** The work tree of a task, as the log of its run has it. */
export interface TaskTree extends Worktree {
  /** What became of it; absent while the task runs, and where its process was killed. */
  readonly end?: FinishedWorktree
}

export function treeJson(tree: TaskTree | undefined): object | undefined {
  if (!tree) return undefined
  const {base, branch, end, path, repository} = tree
  const kept = end?.isRemoved === false ? {reasons: end.reasons, stat: end.stat} : {}
  return {repository, path, branch, base, removed: end?.isRemoved ?? false, ...kept}
}

/** The trees that are kept, and the commands for them; no lines where there are none. */
export function keptTrees(run: string, tasks: readonly {label: string; tree?: TaskTree}[]): string[] {
  const kept = tasks.flatMap(({label, tree}) =>
    tree?.end?.isRemoved === false ? [{label, ...tree, ...tree.end}] : [],
  )
  if (kept.length === 0) return []
  const id = run.slice(0, 8)
  return [
    `${counted(kept.length, 'worktree')} kept:`,
    ...kept.flatMap(({branch, label, path, reasons, stat}) => [
      `  ${label}: ${branch}, ${stat === '' ? reasons.join(', ') : stat}`,
      `    ${quoteCommand([path])}`,
    ]),
    `See: clinvk runs diff ${id}   Apply: clinvk runs apply ${id} TASK   Remove: clinvk runs drop ${id}`,
  ]
}
