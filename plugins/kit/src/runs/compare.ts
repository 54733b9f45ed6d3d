import {unknownBackend} from '../backends/discover.js'
import {byName, findExecutable, isAgent, notInstalled} from '../backends/find-executable.js'
import {Failure} from '../errors/failure.js'
import type {Interrupts} from '../io.js'
import {failureResult} from '../turn/result.js'
import type {Surroundings} from '../turn/surroundings.js'
import {prepareTasks} from './prepare-tasks.js'
import type {RunView} from './result.js'
import {runTasks} from './run.js'
import type {RunFlags} from './store/run-folder.js'
import {tasksFrom} from './task.js'

export interface Comparison {
  readonly id: string
  readonly prompt: string
  /** Backends in the order of the answers; `all` that are installed, by name. */
  readonly names: readonly string[] | 'all'
  readonly flags: RunFlags
  /** The session of which each backend continues a copy. */
  readonly from?: string
  readonly sequential?: boolean
}

/**
 * Runs one prompt as a task of each backend; one that cannot run becomes a result. Of `all` backends those that are not
 * installed are left out, with a notice. Returns the exit code. Throws a Failure when a name is unknown or nothing can run.
 */
export async function runComparison(
  {flags, from, id, names, prompt, sequential}: Comparison,
  context: Surroundings,
  view: RunView,
  interrupts: Interrupts,
): Promise<number> {
  if (names.length === 0) {
    throw new Failure('usage', 'No backends to compare.', [
      'Try: clinvk compare --backends claude,codex "…"',
      'Or all that are installed: clinvk compare --all-backends "…"',
    ])
  }
  const wanted = names === 'all' ? installed(context, view) : names
  const unknown = wanted.find((name) => !context.backends.has(name))
  if (unknown !== undefined) throw unknownBackend(unknown, context.backends)
  const descriptions = wanted.map((backend) => ({prompt, backend, name: backend}))
  const common = {kind: 'task' as const, run: id, flags, place: context.place, from}
  const asked = {kind: 'compare', prompt} as const
  const {failures, ready} = await prepareTasks({asked, tasks: tasksFrom(descriptions, common)}, context, view)
  if (ready.length === 0)
    throw (
      failures[0]?.failure ??
      new Failure('unavailable', 'There is no backend to compare.', ['See: clinvk backends'])
    )
  const unprepared = failures.map(({failure, task}) => {
    const backend = task.label
    return {task, backend, result: {...failureResult(failure), backend}}
  })
  const schedule = {maxParallel: sequential ? 1 : ready.length}
  const run = {id, asked, io: context.io, view, ready, unprepared, schedule}
  return runTasks({...run, outputDir: flags['output-dir']}, interrupts)
}

function installed({backends, io: {env}, settings}: Surroundings, view: RunView): readonly string[] {
  return byName(backends).flatMap((entry) => {
    const {name} = entry
    if (!isAgent(entry) || settings.backends[name]?.enabled === false) return []
    if (findExecutable(entry, env)) return [name]
    view.notice(`${name} is left out: ${notInstalled(entry, {backends, env, settings}).message}`)
    return []
  })
}
