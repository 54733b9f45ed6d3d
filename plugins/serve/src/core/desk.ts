import type {PromptRequest, RunData, RunRequest, RunTaskData} from 'clinvk-kit/for-plugins/kit'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {TurnError, TurnResult} from 'clinvk-kit/turn/result'
import type {Clinvk} from './clinvk.js'
import {type ErrorCode, ServerFailure} from './errors.js'
import type {ServeSettings} from './settings.js'

/** Whoever asks for a turn: a request over HTTP, or a call of a tool. */
export interface Client {
  /** A hash of the token: the same after a restart. */
  readonly id: string
  /** Tells programs apart that have the same token, so that each gets its turn in the queue. Default: `id`. */
  readonly lane?: string
  /** Aborts when the client has gone away, or wants no answer any more; then its turn is cancelled. */
  readonly gone: AbortSignal
  /** How many turns of clinvk it runs inside: 0, the default, where no agent of clinvk has started it. */
  readonly depth?: number
}

/** Runs turns for clients: within the ceilings that the user has set, and no more at the same time than the queue allows. */
export interface Desk {
  /** What went wrong is in the result; a turn that was refused, or for which there is no room, is one, too. */
  prompt(request: PromptRequest, client: Client, output: TurnOutput): Promise<DeskResult>
  /** Throws a Failure where nothing was started. */
  run(request: RunRequest, client: Client, output?: (task: RunTaskData) => TurnOutput): Promise<RunData>
}

/** A result whose error says more than its kind. */
type DeskResult = Omit<TurnResult, 'error'> & {
  readonly error?: TurnError & {readonly code?: ErrorCode}
}

/** The desk as its owner sees it. */
export interface OpenDesk extends Desk {
  /** From now on nothing is taken any more. */
  close(): void
  /** Ends all that runs, as SIGTERM does. */
  cancel(): void
  /** Resolves once nothing runs. */
  empty(): Promise<void>
}

/** Without ceilings and without a queue, so far. */
export function openDesk({kit}: Clinvk, settings: ServeSettings): OpenDesk {
  const hurry = new AbortController().signal
  const running = new Set<AbortController>()
  let isClosed = settings.max_turns < 1
  let onEmpty: (() => void) | undefined

  async function during<T>({gone}: Client, task: (stop: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    const leave = () => controller.abort('SIGTERM')
    gone.addEventListener('abort', leave, {once: true})
    if (gone.aborted) leave()
    running.add(controller)
    try {
      return await task(controller.signal)
    } finally {
      gone.removeEventListener('abort', leave)
      running.delete(controller)
      if (running.size === 0) onEmpty?.()
    }
  }

  return {
    async prompt(request, client, output) {
      if (isClosed) {
        const failure = closing()
        const result = kit.failed(failure)
        const told = {...result, error: {...result.error!, code: failure.code}}
        await output.done(told)
        return told
      }

      return during(client, (stop) => kit.prompt(request, {output, stop, hurry, env: environment(client)}))
    },
    async run(request, client, output) {
      if (isClosed) throw closing()
      return during(client, (stop) => kit.run(request, {output, stop, hurry, env: environment(client)}))
    },
    close: () => (isClosed = true),
    cancel: () => running.forEach((controller) => controller.abort('SIGTERM')),
    empty: () => (running.size === 0 ? Promise.resolve() : new Promise((resolve) => (onEmpty = resolve))),
  }
}

/** So that an agent that asks clinvk for an agent, which asks for another one, is stopped (`mcp/depth.ts`). */
function environment({depth = 0}: Client): Readonly<Record<string, string>> {
  return {CLINVK_DEPTH: String(depth + 1)}
}

function closing(): ServerFailure {
  return new ServerFailure(
    'shutdown',
    'The server is ending and takes nothing any more.',
    ['Try again later.'],
    'cancelled',
  )
}
