import {byName, isAgent} from 'clinvk-kit/backends/not-installed'
import {Failure, isFailure} from 'clinvk-kit/failure'
import {nearest} from 'clinvk-kit/nearest'
import {failureResult} from '../output/failure-result.js'
import type {Surroundings} from '../turn-surroundings.js'
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
 * One task for each backend. What cannot run is said and becomes a result; of
 * `all` backends those without their agent are left out. Throws a Failure when
 * a name is unknown or nothing can run.
 */
export async function readyToCompare(
  {defaults, names, prompt}: Comparison,
  surroundings: Surroundings,
  view: RunView,
): Promise<{ready: ReadyTask[]; missing: TaskResult[]}> {
  const {backends, settings} = surroundings
  const known = byName(backends)
  const isOn = (name: string) => settings.backends[name]?.enabled !== false
  const wanted =
    names === 'all'
      ? known.filter((entry) => isAgent(entry) && isOn(entry.name)).map(({name}) => name)
      : names
  if (names !== 'all')
    checkNames(
      names,
      known.map(({name}) => name),
    )

  const descriptions = wanted.map((backend) => ({prompt, backend, name: backend}))
  const tasks = tasksFrom(descriptions, {...defaults, kind: 'task'})
  const ready: ReadyTask[] = []
  const missing: TaskResult[] = []
  let first: Failure | undefined
  for (const [index, task] of tasks.entries()) {
    try {
      ready.push(await readyTask(task, surroundings, view.output(task)))
    } catch (error) {
      if (!isFailure(error) || error.kind === 'internal') throw error
      first ??= error
      const backend = wanted[index]!
      if (names === 'all' && error.kind === 'unavailable')
        view.notice(`${backend} is left out: ${error.message}`)
      else missing.push({task, backend, result: {...failureResult(error), backend}})
    }
  }

  if (ready.length > 0) return {ready, missing}
  throw first ?? new Failure('unavailable', 'There is no backend to compare.', ['See: clinvk backends'])
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
