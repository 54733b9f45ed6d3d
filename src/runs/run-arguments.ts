import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {Failure} from 'clinvk-kit/errors/failure'
import {amount, positive, turnFlags} from 'clinvk-kit/flags'
import {type KeptRun, type ReadRun, readRun, type TaskRow} from 'clinvk-kit/runs/store/kept-runs'
import type {TaskTree} from 'clinvk-kit/runs/store/task-tree'

export const runArg = Args.string({
  description: 'Id of a run, the beginning of one, or @last.',
  required: true,
  ignoreStdin: true,
})

/** Of the commands about work trees. */
export const treeArgs = {
  run: runArg,
  task: Args.string({description: 'Number or name of a task. Default: all.', ignoreStdin: true}),
}

export const runJsonFlag = Flags.boolean({description: 'Print JSON.'})

/** How a run is shown that continues. */
export const shownFlags = {
  'output-format': turnFlags['output-format'],
  json: turnFlags.json,
  quiet: turnFlags.quiet,
}

const {
  file,
  name,
  new: _new,
  raw,
  stdin,
  'max-cost': _ofTurn,
  'max-tokens': _alsoOfTurn,
  'show-timing': _timing,
  'show-tokens': _tokens,
  ...shared
} = turnFlags

/** The flags of a turn that hold for each task of a run which says nothing else. */
export const taskFlags = shared

export const runFileFlags = {
  file: Flags.string({
    char: 'f',
    description: 'Run file, JSON or YAML. Default, and with -: standard input.',
    helpValue: 'FILE',
    aliases: ['input'],
  }),
  'max-tokens': positive({
    description: 'Start no further task once all together have used this many tokens.',
    helpValue: 'N',
  }),
  'max-cost': amount({
    description: 'Start no further task once all together have cost this many US dollars.',
    helpValue: 'USD',
  }),
  detach: Flags.boolean({
    description: 'Run without this terminal, which may be closed; print the id of the run.',
  }),
}

/** The task that the user means by its number, name or id. Throws a Failure. */
export function findTask({summary, tasks}: ReadRun, word: string): TaskRow {
  const row = tasks.find(({id, name, number}) => [String(number), name, id].includes(word))
  if (row) return row
  const short = summary.id.slice(0, 8)
  throw new Failure('usage', `Run ${short} has no task ${word}.`, [`See: clinvk runs show ${short}`])
}

/** The tasks whose work trees were not removed: the one that the user names, or all. Throws a Failure where there is none. */
export function tasksWithTree(run: KeptRun, task?: string): {row: TaskRow; tree: TaskTree}[] {
  const read = readRun(run)
  const found = task === undefined ? read.tasks : [findTask(read, task)]
  const trees = found.flatMap((row) => {
    const {tree} = row
    return tree && !tree.end?.isRemoved ? [{row, tree}] : []
  })
  if (trees.length > 0) return trees
  const what = `${task === undefined ? 'Run' : `Task ${task} of run`} ${run.description.id.slice(0, 8)}`
  throw new Failure('usage', `${what} has no worktree with changes.`, [
    'A worktree in which nothing has changed was removed; without --worktree there is none.',
  ])
}
