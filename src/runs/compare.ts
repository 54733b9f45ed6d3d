import type {BackendEntry} from 'clinvk-kit/backends/discover'
import {findExecutable, byName, isAgent, notInstalled} from 'clinvk-kit/backends/find-executable'
import {Failure} from 'clinvk-kit/errors/failure'
import {nearest} from 'clinvk-kit/format/text'
import {asTaskFailure, failureResult} from '../errors/failure-result.js'
import type {PromptContext} from '../prompt/context.js'
import {readyTask, type ReadyTask} from './check-tasks.js'
import type {RunView} from './run-view.js'
import {tasksFrom, type TaskDefaults} from './task.js'
import type {TaskResult} from './task-result.js'

export interface Comparison {
  readonly prompt: string
  /** Backends in the order of the answers; `all` that are installed, by name. */
  readonly names: readonly string[] | 'all'
  readonly defaults: Omit<TaskDefaults, 'kind'>
}

/**
 * One task for each backend. What cannot run becomes a result; of `all`
 * backends those without their agent are left out, which is said. Throws a Failure when
 * a name is unknown or nothing can run.
 */
export async function readyToCompare(
  {defaults, names, prompt}: Comparison,
  context: PromptContext,
  view: RunView,
): Promise<{ready: ReadyTask[]; missing: TaskResult[]}> {
  const known = byName(context.backends)
  if (names !== 'all')
    checkNames(
      names,
      known.map(({name}) => name),
    )
  const wanted = names === 'all' ? installed(known, context, view) : names
  const descriptions = wanted.map((backend) => ({prompt, backend, name: backend}))
  const tasks = tasksFrom(descriptions, {...defaults, kind: 'task'})
  const ready: ReadyTask[] = []
  const missing: TaskResult[] = []
  let first: Failure | undefined
  for (const [index, task] of tasks.entries()) {
    try {
      ready.push(await readyTask(task, context, view.output(task)))
    } catch (error) {
      const failure = asTaskFailure(error)
      first ??= failure
      const backend = wanted[index]!
      missing.push({task, backend, result: {...failureResult(failure), backend}})
    }
  }

  if (ready.length > 0) return {ready, missing}
  throw first ?? new Failure('unavailable', 'There is no backend to compare.', ['See: clinvk backends'])
}

/** Those whose agent is there and that are not switched off; what else there is, is said. */
function installed(
  known: readonly BackendEntry[],
  {backends, io: {env}, settings}: PromptContext,
  view: RunView,
): readonly string[] {
  return known.flatMap((entry) => {
    const {name} = entry
    if (!isAgent(entry) || settings.backends[name]?.enabled === false) return []
    if (findExecutable(entry, env)) return [name]
    view.notice(`${name} is left out: ${notInstalled(entry, {backends, env, settings}).message}`)
    return []
  })
}

function checkNames(names: readonly string[], known: readonly string[]): void {
  if (names.length === 0) {
    throw new Failure('usage', 'Say which agents to compare.', [
      'Try: clinvk compare --backends claude,codex "…"',
      'Or every one that is installed: clinvk compare --all-backends "…"',
    ])
  }

  for (const name of names) {
    if (known.includes(name)) continue
    const near = nearest(name, known)
    throw new Failure('unavailable', `There is no backend named ${name}.`, [
      ...(near === undefined ? [] : [`Did you mean: ${near}`]),
      `Installed: ${known.join(', ')}`,
      `Try: clinvk plugins install clinvk-backend-${name}`,
    ])
  }
}
