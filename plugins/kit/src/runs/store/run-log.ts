import {type FileHandle, open} from 'node:fs/promises'
import {messageOf} from '../../errors/failure.js'
import {endsTorn, readText} from '../../files/read-file.js'
import {isRecord} from '../../format/is-record.js'
import type {TurnResult} from '../../turn/result.js'
import type {TaskTree} from './task-tree.js'

/** What happened in a run, a line each of its `log.jsonl`; `at` is ISO 8601, `task` the number of a task, from 1 on. */
export type RunEvent = {readonly at: string} &
  /** `is_shared`: the process does more than this run, so a signal would end that, too. */
  (
    | {readonly type: 'run'; readonly pid: number; readonly is_shared?: true}
    | {readonly type: 'started'; readonly task: number; readonly backend: string}
    | {readonly type: 'session'; readonly task: number; readonly session_id: string}
    /** The work tree of a task, at each step of it. */
    | {readonly type: 'worktree'; readonly task: number; readonly worktree: TaskTree}
    /** It waits until a limit of its agent ends (ISO 8601); without the time, it continues. */
    | {readonly type: 'waiting'; readonly task: number; readonly until?: string}
    /** The task has ended and is not started again, unless a user wants it. */
    | {
        readonly type: 'done'
        readonly task: number
        readonly backend: string
        readonly started_at?: string
        readonly result: TurnResult
      }
    /** `runs retry` runs this task again. */
    | {readonly type: 'retry'; readonly task: number}
    | {readonly type: 'ended'; readonly state: EndedState; readonly exit_code: number}
  )

/** `paused`: a cap was reached, so tasks are left. */
export type EndedState = 'done' | 'failed' | 'cancelled' | 'paused'

type NewEvent = RunEvent extends infer Event ? (Event extends RunEvent ? Omit<Event, 'at'> : never) : never

/** Appends to the log of a run. A log that cannot be written ends nothing: the user is told once. */
export class RunLog {
  #writing: Promise<void> = Promise.resolve()
  #file: FileHandle | undefined
  #hasFailed = false

  constructor(
    readonly path: string,
    readonly now: () => Date,
    readonly notice: (message: string) => void,
  ) {}

  /** Resolves when the event is written, that a task is done also when it is on the disk. */
  add(event: NewEvent): Promise<void> {
    const line = `${JSON.stringify({at: this.now().toISOString(), ...event})}\n`
    this.#writing = this.#writing.then(() =>
      this.#write(line, event.type === 'done' || event.type === 'ended' || event.type === 'worktree'),
    )
    return this.#writing
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#file?.close()
    this.#file = undefined
  }

  async #write(line: string, isSynced: boolean): Promise<void> {
    if (this.#hasFailed) return
    try {
      // A process that was killed may have left half a line.
      const torn = this.#file === undefined && endsTorn(this.path) ? '\n' : ''
      this.#file ??= await open(this.path, 'a', 0o600)
      await this.#file.appendFile(torn + line)
      if (isSynced) await this.#file.datasync()
    } catch (error) {
      this.#hasFailed = true
      this.notice(`The log of this run cannot be written, so it cannot be resumed: ${messageOf(error)}`)
    }
  }
}

/** Every event of a log that is whole; what a crash has torn is left out. */
export function readLog(path: string): RunEvent[] {
  return readText(path, LARGEST_LOG)
    .split('\n')
    .flatMap((line) => {
      try {
        const event: unknown = JSON.parse(line)
        return isEvent(event) ? [event] : []
      } catch {
        return []
      }
    })
}

/** A log may be of a newer version, or damaged. */
function isEvent(event: unknown): event is RunEvent {
  return (
    isRecord(event) &&
    Object.hasOwn(SAMPLES, String(event.type)) &&
    isLike(event, {at: '', ...SAMPLES[event.type as RunEvent['type']]})
  )
}

/** Whether a value has all that a sample has, of the same types. */
function isLike(found: unknown, sample: unknown): boolean {
  if (!isRecord(sample)) return typeof found === typeof sample
  return isRecord(found) && Object.entries(sample).every(([key, part]) => isLike(found[key], part))
}

/** What readers of the log rely on. */
const SAMPLES: Readonly<Record<RunEvent['type'], object>> = {
  run: {pid: 0},
  started: {task: 0, backend: ''},
  session: {task: 0, session_id: ''},
  worktree: {task: 0, worktree: {repository: '', path: '', branch: '', base: '', cwd: ''}},
  waiting: {task: 0},
  done: {task: 0, backend: '', result: {outcome: '', content: '', exit_code: 0}},
  retry: {task: 0},
  ended: {state: '', exit_code: 0},
}

/** Bytes. A string of Node has at most some 500 million characters. */
const LARGEST_LOG = 256 * 1024 * 1024
