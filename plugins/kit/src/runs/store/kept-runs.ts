import {existsSync, readdirSync} from 'node:fs'
import {Failure, messageOf} from '../../errors/failure.js'
import type {Env} from '../../io.js'
import type {TurnResult} from '../../turn/result.js'
import {pastTasks} from './past.js'
import {type RunDescription, type RunFolder, runFolder, runsDirectory} from './run-folder.js'
import type {EndedState} from './run-log.js'
import {type TaskTree, treeJson} from './task-tree.js'

export interface KeptRun {
  readonly folder: RunFolder
  readonly description: RunDescription
}

/** A run in short, as `clinvk runs --json` has it. */
export interface RunSummary {
  readonly id: string
  readonly command: RunDescription['command']
  /** `interrupted`: its process was killed. */
  readonly state: EndedState | 'running' | 'interrupted'
  /** ISO 8601. */
  readonly started_at: string
  /** When something happened last. */
  readonly updated_at: string
  readonly working_dir: string
  /** `done` have succeeded, `failed` have not; the others have not ended. */
  readonly tasks: {readonly total: number; readonly done: number; readonly failed: number}
  /** Absent where no task has reported any. */
  readonly total_tokens?: number
}

/** A task of a run, as `clinvk runs show --json` has it but for `label` and `tree`. */
export interface TaskRow {
  /** From 1 on. */
  readonly number: number
  readonly name?: string
  readonly id?: string
  readonly label: string
  readonly prompt: string
  readonly backend?: string
  /** Its outcome, or `running`, `interrupted`, `waiting`, `not run`. */
  readonly state: string
  readonly session_id?: string
  readonly result?: TurnResult
  readonly tree?: TaskTree
}

export interface ReadRun extends KeptRun {
  readonly summary: RunSummary
  readonly tasks: readonly TaskRow[]
  /** Absent where it has not ended. */
  readonly exitCode?: number
}

/** Throws a Failure where the log cannot be read. */
export function readRun({description, folder}: KeptRun): ReadRun {
  const {command, file, flags, id, place, started_at} = description
  const isRunning = folder.holder() !== undefined
  const events = folder.events()
  const past = pastTasks(events)
  const last = events.findLast((event) => event.type === 'ended' || event.type === 'run')
  const end = !isRunning && last?.type === 'ended' ? last : undefined
  const {steps, tasks: described = steps} = (file ?? {}) as {steps?: unknown; tasks?: unknown}
  const tasks = (Array.isArray(described) ? described : []).map((task: unknown, index): TaskRow => {
    const number = index + 1
    const fields = typeof task === 'string' ? {prompt: task} : (task as Readonly<Record<string, unknown>>)
    const [name, taskId, named] = ['name', 'id', 'backend'].map((field) => textOf(fields[field]))
    const {
      backend = named ?? textOf(flags.backend),
      done,
      session,
      startedAt,
      worktree,
    } = past.get(number) ?? {}
    const open = isRunning ? ['waiting', 'running'] : ['not run', 'interrupted']
    return {
      number,
      name,
      id: taskId,
      label: name ?? taskId ?? String(number),
      prompt: String(fields.prompt),
      backend,
      state: done?.result.outcome ?? open[startedAt === undefined ? 0 : 1]!,
      session_id: session,
      result: done?.result,
      tree: worktree,
    }
  })
  const results = tasks.flatMap(({result}) => result ?? [])
  const succeeded = results.filter(({outcome}) => outcome === 'success').length
  const tokens = results.flatMap(({usage}) => usage?.total_tokens ?? [])
  const summary: RunSummary = {
    id,
    command,
    state: isRunning ? 'running' : (end?.state ?? 'interrupted'),
    started_at,
    updated_at: events.at(-1)?.at ?? started_at,
    working_dir: place,
    tasks: {total: tasks.length, done: succeeded, failed: results.length - succeeded},
    total_tokens: tokens.length === 0 ? undefined : tokens.reduce((sum, count) => sum + count, 0),
  }
  return {description, folder, summary, tasks, exitCode: end?.exit_code}
}

/** As `clinvk runs show --json` prints it. */
export function runJson({summary, tasks}: ReadRun): object {
  return {...summary, counts: summary.tasks, tasks: tasks.map(rowJson)}
}

export function rowJson({label, tree, ...row}: TaskRow): object {
  return {...row, worktree: treeJson(tree)}
}

/** Every run, the newest first; `problems` has a sentence for each that cannot be read. */
export function listRuns(env: Env): {runs: ReadRun[]; problems: RunProblem[]} {
  const problems: RunProblem[] = []
  const runs = newestFirst(env, problems).flatMap((run) =>
    attempt(run.description.id, () => readRun(run), problems),
  )
  return {runs, problems}
}

interface RunProblem {
  readonly id: string
  readonly message: string
}

/** The run that a user means by its id, the beginning of one, or `@last`. Throws a Failure. */
export function findRun(word: string, env: Env): KeptRun {
  if (word === '@last') {
    const [last] = newestFirst(env, [])
    if (last) return last
    throw new Failure('session', 'There is no run yet.', ['Start one: clinvk parallel "…" "…"'])
  }
  const hints = ['See: clinvk runs']
  if (!/^[0-9a-f]{4,32}$/.test(word)) {
    const message = `"${word}" is not the id of a run: 4 to 32 of the digits 0-9 and a-f are expected.`
    throw new Failure('usage', message, hints)
  }
  const [id, ...others] = runIds(env).filter((one) => one.startsWith(word))
  if (id === undefined) throw new Failure('session', `There is no run ${word}.`, hints)
  if (others.length > 0) throw new Failure('session', `${others.length + 1} runs begin with ${word}.`, hints)
  return keptRun(id, env)
}

function newestFirst(env: Env, problems: RunProblem[]): KeptRun[] {
  const runs = runIds(env).flatMap((id) => attempt(id, () => keptRun(id, env), problems))
  return runs.sort((a, b) => (a.description.started_at < b.description.started_at ? 1 : -1))
}

function keptRun(id: string, env: Env): KeptRun {
  const folder = runFolder(id, env)
  return {folder, description: folder.description()}
}

function runIds(env: Env): string[] {
  const directory = runsDirectory(env)
  return existsSync(directory) ? readdirSync(directory).filter((name) => /^[0-9a-f]{32}$/.test(name)) : []
}

function attempt<T>(id: string, read: () => T, problems: RunProblem[]): T[] {
  try {
    return [read()]
  } catch (error) {
    problems.push({id, message: messageOf(error)})
    return []
  }
}

function textOf(found: unknown): string | undefined {
  return typeof found === 'string' && found !== '' ? found : undefined
}
