import type {Config} from '@oclif/core'
import type {TurnEvent} from 'clinvk-contract'
import type {TurnOutput} from '../turn/context.js'
import type {RunView} from './result.js'
import type {RunKeeper} from './run.js'
import type {PastTask} from './store/past.js'
import type {RunLog} from './store/run-log.js'
import type {Task} from './task.js'

export interface KeeperOptions {
  readonly config: Config
  readonly id: string
  readonly log: RunLog
  /** What has happened before, by the numbers of tasks. */
  readonly past: ReadonlyMap<number, PastTask>
  readonly tasks: readonly Task[]
  /** Whether answers are written down. */
  readonly keepsAnswers: boolean
  /** What the user sees. */
  readonly view: RunView
}

export interface KeptView {
  readonly keeper: RunKeeper
  /** The same view, from which the log gets sessions, and answers that the view itself does not keep. */
  readonly view: RunView
}

/** Writes the log of a run, and knows what an earlier try has written there. */
export function keepRun({config, id, keepsAnswers, log, past, tasks, view}: KeeperOptions): KeptView {
  const answers = new Map<Task, string>()
  const ended = new Map(
    tasks.flatMap((task) => {
      const done = past.get(task.number)?.done
      if (!done) return []
      const {at, backend, result, started_at: startedAt} = done
      const times = {
        startedAt: startedAt === undefined ? undefined : new Date(startedAt),
        endedAt: new Date(at),
      }
      return [[task, {task, backend, result, tree: past.get(task.number)?.worktree, ...times}] as const]
    }),
  )
  const keeper: RunKeeper = {
    past: (task) => ended.get(task),
    earlier(task) {
      const before = past.get(task.number)
      if (before?.startedAt === undefined) return undefined
      return async (request, ready) => {
        const {earlierTry} = await import('./earlier-try.js')
        const notice = (message: string) => view.notice(message)
        return earlierTry(config, id, before, notice)(request, ready)
      }
    },
    started: ({number: task}, backend) => log.add({type: 'started', task, backend}),
    async ended({backend, isSkipped, result, startedAt, task}) {
      // A task that was not run, or was cancelled, is not done.
      if (isSkipped || !startedAt || result.outcome === 'cancelled') return
      const content = keepsAnswers ? result.content || (answers.get(task) ?? '') : ''
      answers.delete(task)
      const about = {backend, started_at: startedAt.toISOString(), result: {...result, content}}
      await log.add({type: 'done', task: task.number, ...about})
    },
    close: (state, exitCode) => log.add({type: 'ended', state, exit_code: exitCode}),
  }
  const output = (task: Task) => {
    const shown = view.output(task)
    const isCollected = keepsAnswers && !shown.needsContent
    return recordedOutput(shown, {
      started: (session) => void log.add({type: 'session', task: task.number, session_id: session}),
      waiting(until) {
        const at = until === undefined ? undefined : new Date(until).toISOString()
        void log.add({type: 'waiting', task: task.number, until: at})
        keeper.onWaiting?.(until !== undefined)
      },
      text(text) {
        if (!isCollected) return
        const kept = answers.get(task) ?? ''
        if (kept.length < LARGEST_ANSWER)
          answers.set(task, kept + text.slice(0, LARGEST_ANSWER - kept.length))
      },
    })
  }
  return {keeper, view: {...view, output}}
}

interface Recording {
  started(session: string): void
  waiting(until: number | undefined): void
  text(text: string): void
}

function recordedOutput(output: TurnOutput, recording: Recording): TurnOutput {
  return {
    needsContent: output.needsContent,
    start(turn) {
      if (turn.sessionId !== undefined) recording.started(turn.sessionId)
      output.start(turn)
    },
    event(event: TurnEvent) {
      if (event.type === 'text') recording.text(event.text)
      return output.event(event)
    },
    waiting(until) {
      recording.waiting(until)
      output.waiting?.(until)
    },
    notice: (message) => output.notice(message),
    done: (result) => output.done(result),
  }
}

/** Characters of an answer that only the log keeps. */
const LARGEST_ANSWER = 4 * 1024 * 1024
