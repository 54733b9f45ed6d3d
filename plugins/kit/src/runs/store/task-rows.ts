import type {TurnResult} from '../../turn/result.js'
import {descriptionsIn, pastTasks, summaryOf} from './past.js'
import type {KeptRun} from './run-folder.js'
import {type TaskTree, treeJson} from './task-tree.js'

/** A task of a run as `clinvk runs show --json` has it. */
export interface TaskRow {
  /** From 1 on. */
  readonly number: number
  readonly name?: string
  readonly id?: string
  /** Its name, its id, or its number. */
  readonly label: string
  readonly prompt: string
  readonly backend?: string
  /** Its outcome, or `running`, `interrupted`, `waiting`, `not run`. */
  readonly state: string
  readonly session_id?: string
  readonly result?: TurnResult
  readonly tree?: TaskTree
}

export function rowJson({label, tree, ...row}: TaskRow): object {
  return {...row, worktree: treeJson(tree)}
}

/** A run as `clinvk runs show --json` prints it. Throws a Failure where its log cannot be read. */
export function runJson(run: KeptRun): object {
  const summary = summaryOf(run)
  return {...summary, counts: summary.tasks, tasks: taskRows(run).map(rowJson)}
}

/** The tasks of a run, in their order. Throws a Failure where its log cannot be read. */
export function taskRows({description: {file, flags}, folder}: KeptRun): TaskRow[] {
  const isRunning = folder.holder() !== undefined
  const events = folder.events()
  const past = pastTasks(events)
  const backends = new Map(
    events.flatMap((event) => (event.type === 'started' ? [[event.task, event.backend]] : [])),
  )
  return descriptionsIn(file).map((task, index) => {
    const number = index + 1
    const fields = typeof task === 'string' ? {prompt: task} : (task as Readonly<Record<string, unknown>>)
    const [name, id, backend] = ['name', 'id', 'backend'].map((field) => textOf(fields[field]))
    const {done, session, startedAt, worktree: tree} = past.get(number) ?? {}
    const open =
      startedAt === undefined ? (isRunning ? 'waiting' : 'not run') : isRunning ? 'running' : 'interrupted'
    return {
      number,
      name,
      id,
      label: name ?? id ?? String(number),
      prompt: String(fields.prompt),
      backend: backends.get(number) ?? backend ?? textOf(flags.backend),
      state: done?.result.outcome ?? open,
      session_id: session,
      result: done?.result,
      tree,
    }
  })
}

function textOf(found: unknown): string | undefined {
  return typeof found === 'string' && found !== '' ? found : undefined
}
