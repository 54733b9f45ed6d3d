import {type FileHandle, open} from 'node:fs/promises'
import * as z from 'zod/mini'
import {messageOf} from '../../errors/failure.js'
import {endsTorn, readText} from '../../files/read-file.js'
import type {TurnResult} from '../../turn/result.js'
import type {TaskTree} from './task-tree.js'

/** `paused`: a cap was reached, so tasks are left. */
export type EndedState = 'done' | 'failed' | 'cancelled' | 'paused'

const text = z.string()
/** From 1 on. */
const task = z.number()
const worktree = z.object({repository: text, path: text, branch: text, base: text, cwd: text})
const result = z.object({outcome: text, content: text, exit_code: z.number()})

/** What readers of the log rely on: it may be of a newer version, or damaged. */
const eventSchema = z.discriminatedUnion('type', [
  /** `is_shared`: the process does more than this run, so a signal would end that, too. */
  event('run', {pid: z.number(), is_shared: z.optional(z.literal(true))}),
  event('started', {task, backend: text}),
  event('session', {task, session_id: text}),
  /** The work tree of a task, at each step of it. */
  event('worktree', {task, worktree: z.custom<TaskTree>((found) => worktree.safeParse(found).success)}),
  /** It waits until a limit of its agent ends (ISO 8601); without the time, it continues. */
  event('waiting', {task, until: z.optional(text)}),
  /** The task has ended and is not started again, unless a user wants it. */
  event('done', {
    task,
    backend: text,
    started_at: z.optional(text),
    result: z.custom<TurnResult>((found) => result.safeParse(found).success),
  }),
  /** `runs retry` runs this task again. */
  event('retry', {task}),
  event('ended', {state: z.custom<EndedState>((found) => typeof found === 'string'), exit_code: z.number()}),
])

function event<Type extends string, Shape extends z.core.$ZodShape>(type: Type, shape: Shape) {
  // When it happened (ISO 8601).
  return z.object({at: text, type: z.literal(type), ...shape})
}

/** What happened in a run, a line each of its `log.jsonl`. */
export type RunEvent = z.infer<typeof eventSchema>

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
        const found: unknown = JSON.parse(line)
        // As it is: a newer version may write more.
        return eventSchema.safeParse(found).success ? [found as RunEvent] : []
      } catch {
        return []
      }
    })
}

/** Bytes. A string of Node has at most some 500 million characters. */
const LARGEST_LOG = 256 * 1024 * 1024
