import {Failure, isFailure} from '../errors/failure.js'
import {isRecord} from '../format/is-record.js'
import type {Env} from '../io.js'
import type {TurnContext} from '../turn/context.js'
import {planTurn, type PreparedTurn, prepareTurn} from '../turn/prepare.js'
import type {TurnRequest} from '../turn/request.js'
import type {Surroundings} from '../turn/surroundings.js'
import {fill, type TaskValue} from './placeholders.js'
import type {RunPlan} from './plan-run.js'
import type {RunView, TaskResult} from './result.js'
import type {PastTask} from './store/past.js'
import type {Task} from './task.js'
import type {TaskTrees} from './worktrees.js'

export interface ReadyTask {
  readonly task: Task
  readonly context: TurnContext
  readonly prepared: PreparedTurn
  /** The request, where it depends on other tasks or on an earlier try: then `prepared` is only a check. */
  readonly requestAfter?: (results: readonly (TaskResult | undefined)[]) => Promise<TurnRequest>
  /** What the log says of an earlier try. */
  readonly before?: PastTask
  /** How it has ended in an earlier try: then it is not run. */
  readonly past?: TaskResult
}

/** Prepares every task of a run that is not started where one cannot run. Throws a Failure that names each of those. */
export async function prepareAll(...args: Parameters<typeof prepareTasks>): Promise<ReadyTask[]> {
  const {failures, ready} = await prepareTasks(...args)
  const [first, ...others] = failures
  if (!first) return ready
  const {failure, task} = first
  // The arguments are right: what is wrong is in the run file.
  const kind = failure.kind === 'usage' ? 'config' : failure.kind
  throw new Failure(kind, `${task.title} cannot run, so nothing was started: ${failure.message}`, [
    ...failure.hints,
    ...others.map((other) => `${other.task.title} cannot run either: ${other.failure.message}`),
  ])
}

/** Prepares every task, as far as it can be. */
export async function prepareTasks(
  plan: Pick<RunPlan, 'asked' | 'passSession' | 'tasks'>,
  context: Surroundings,
  view: RunView,
  past: ReadonlyMap<number, PastTask> = new Map(),
  trees?: TaskTrees,
): Promise<{ready: ReadyTask[]; failures: {task: Task; failure: Failure}[]}> {
  const ready: ReadyTask[] = []
  const failures: {task: Task; failure: Failure}[] = []
  for (const task of plan.tasks) {
    try {
      if (task.hasWorktree) await trees?.check(task.request.workdir!)
      const turn = await context.turn(view.output(task), task.request.workdir)
      const before = past.get(task.number)
      const waits = plan.asked.kind === 'chain' || task.needs.length > 0 || before !== undefined
      // Braces that stand for themselves are filled in, too.
      const isWhole = !waits && task.parts.length === 1
      const prepared = isWhole
        ? {prepared: await prepareTurn(task.request, turn)}
        : await prepareDependent(task, ready, turn, plan)
      ready.push({task, context: turn, ...prepared, before, past: before && pastResult(task, before)})
    } catch (error) {
      failures.push({task, failure: taskFailure(error)})
    }
  }
  return {ready, failures}
}

function pastResult(task: Task, {done, worktree: tree}: PastTask): TaskResult | undefined {
  if (!done) return undefined
  const {at, backend, result, started_at: started} = done
  return {
    task,
    backend,
    result,
    tree,
    startedAt: started ? new Date(started) : undefined,
    endedAt: new Date(at),
  }
}

/**
 * Checks that a task which waits for others can run, before any does. Its placeholders are not filled yet, so neither
 * guards nor the sessions plugin are asked. With `passSession` a step continues the conversation of the last one before
 * it that has the same backend, or of the last one, where another backend gets a copy of it.
 */
async function prepareDependent(
  {parts, request}: Task,
  before: readonly ReadyTask[],
  context: TurnContext,
  {passSession, tasks}: Pick<RunPlan, 'passSession' | 'tasks'>,
): Promise<Pick<ReadyTask, 'prepared' | 'requestAfter'>> {
  const prepared = await planTurn(request, context)
  const isSame = (step: ReadyTask) => step.prepared.entry.name === prepared.entry.name
  const {session} = request
  const field = passSession === 'any backend' ? 'pass_session' : 'pass_session_id'
  if (passSession && session.kind === 'ephemeral')
    throw new Failure('config', `${field} needs sessions, and this step is ephemeral.`)
  const continues =
    passSession === undefined ? -1 : before.findLastIndex((step) => field === 'pass_session' || isSame(step))
  const other = before[continues]
  const isResumed = other !== undefined && isSame(other)
  if (other) {
    const {capabilities, title} = prepared.entry.descriptor
    if (isResumed && !capabilities.resume)
      throw new Failure('refused', `${field} is refused: ${title} cannot resume a session.`)
    const [from, to] = [other.prepared.turn.cwd, prepared.turn.cwd]
    if (from !== to) {
      const which = `the conversation of ${other.task.title}, which is in ${from}, not in ${to}.`
      throw new Failure('config', `it continues ${which}`)
    }
  }
  const requestAfter = async (results: readonly (TaskResult | undefined)[]): Promise<TurnRequest> => {
    const prompt = await fill(parts, (value) =>
      valueOf(value, results[value.task], tasks[value.task]!, context.env),
    )
    const reference = results[continues]?.result.session_id
    if (reference === undefined || session.kind === 'ephemeral') return {...request, prompt}
    const {tags} = session
    const ofRun = session.kind === 'new' ? session.task : undefined
    // A fallback may have answered.
    const isStillSame = results[continues]?.result.backend === prepared.entry.name
    if (isStillSame) return {...request, prompt, session: {kind: 'named', reference, tags}}
    // A fork without a backend would be for that of its parent.
    const backend = prepared.entry.name
    return {...request, backend, prompt, session: {kind: 'fork', reference, tags, task: ofRun}}
  }
  return {prepared, requestAfter}
}

/** What a placeholder stands for; undefined where nothing was run. Throws a Failure where the answer has no such value. */
async function valueOf(
  {field, keys}: TaskValue,
  done: TaskResult | undefined,
  {title}: Task,
  env: Env,
): Promise<string | undefined> {
  if (!done || done.dryRun) return undefined
  const {content, session_id: session = ''} = done.result
  if (field === 'output') return content
  if (field === 'session') return session
  if (field === 'diff') {
    if (!done.tree) throw new Failure('config', `${title} has no changes of its own: it runs in no worktree.`)
    const {diffText} = await import('./worktrees.js')
    return diffText(done.tree, env)
  }
  let found: unknown
  try {
    found = JSON.parse(content)
  } catch {
    throw new Failure('config', `The answer of ${title} is not JSON, so it has no ${keys.join('.')}.`)
  }
  const value = keys.reduce(
    (part, key) =>
      isRecord(part) || Array.isArray(part) ? (part as Record<string, unknown>)[key] : undefined,
    found,
  )
  if (value === undefined) throw new Failure('config', `The answer of ${title} has no ${keys.join('.')}.`)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** An error that one task may end with while the others run. Throws what is a bug of ours. */
export function taskFailure(error: unknown): Failure {
  if (!isFailure(error) || error.kind === 'internal') throw error
  return error
}
