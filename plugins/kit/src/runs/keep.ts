import type {Config} from '@oclif/core'
import type {TurnRequest} from '../turn/request.js'
import type {EarlierTry} from './earlier-try.js'
import type {ReadyTask} from './prepare-tasks.js'
import type {RunView, TaskResult} from './result.js'
import type {PastTask} from './store/past.js'
import type {EndedState, RunLog} from './store/run-log.js'
import type {Task} from './task.js'

export interface KeeperOptions {
  readonly config: Config
  readonly id: string
  readonly log: RunLog
  /** What has happened before, by the numbers of tasks. */
  readonly past: ReadonlyMap<number, PastTask>
  readonly keepsAnswers: boolean
  readonly view: RunView
}

/** Writes the log of a run, and knows what an earlier try has written there. */
export class RunKeeper {
  /** Of tasks that run, where nothing else keeps them. */
  readonly #answers = new Map<Task, string>()

  constructor(readonly options: KeeperOptions) {}

  /** How a task has ended in an earlier try. */
  past(task: Task): TaskResult | undefined {
    const {done, worktree: tree} = this.options.past.get(task.number) ?? {}
    if (!done) return undefined
    const {at, backend, result, started_at: startedAt} = done
    const started = startedAt === undefined ? undefined : new Date(startedAt)
    return {task, backend, result, tree, startedAt: started, endedAt: new Date(at)}
  }

  /** What becomes of a task that was started before; undefined where it was not. */
  async earlier(request: TurnRequest, ready: ReadyTask): Promise<EarlierTry | undefined> {
    const {config, id: run, past, view} = this.options
    const before = past.get(ready.task.number)
    if (before?.startedAt === undefined) return undefined
    const {earlierTry} = await import('./earlier-try.js')
    return earlierTry({config, run, before, notice: view.notice.bind(view)}, request, ready)
  }

  started({number: task}: Task, backend: string): Promise<void> {
    return this.options.log.add({type: 'started', task, backend})
  }

  session({number: task}: Task, id: string): void {
    void this.options.log.add({type: 'session', task, session_id: id})
  }

  /** `until`: milliseconds since 1970; undefined: it continues. */
  waiting({number: task}: Task, until: number | undefined): void {
    const at = until === undefined ? undefined : new Date(until).toISOString()
    void this.options.log.add({type: 'waiting', task, until: at})
  }

  /** A piece of an answer that its output does not keep. */
  text(task: Task, text: string): void {
    const kept = this.#answers.get(task) ?? ''
    if (this.options.keepsAnswers && kept.length < LARGEST_ANSWER)
      this.#answers.set(task, kept + text.slice(0, LARGEST_ANSWER - kept.length))
  }

  async ended({backend, isSkipped, result, startedAt, task}: TaskResult): Promise<void> {
    // A task that was not run, or was cancelled, is not done.
    if (isSkipped || !startedAt || result.outcome === 'cancelled') return
    const content = this.options.keepsAnswers ? result.content || (this.#answers.get(task) ?? '') : ''
    this.#answers.delete(task)
    const about = {backend, started_at: startedAt.toISOString(), result: {...result, content}}
    await this.options.log.add({type: 'done', task: task.number, ...about})
  }

  close(state: EndedState, exitCode: number): Promise<void> {
    return this.options.log.add({type: 'ended', state, exit_code: exitCode})
  }
}

/** Characters of an answer that only the log keeps. */
const LARGEST_ANSWER = 4 * 1024 * 1024
