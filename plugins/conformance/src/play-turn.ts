import {randomUUID} from 'node:crypto'
import {guardBackend} from 'clinvk-kit/backends/load-backend'
import type {BackendEntry} from 'clinvk-kit/backends/discover'
import type {Executable} from 'clinvk-kit/backends/find-executable'
import type {Backend, Host, Invocation, Json, Turn, TurnEvent} from 'clinvk-contract'
import {DEFAULTS} from 'clinvk-kit/settings/settings'
import type {TurnSessionRecord} from 'clinvk-kit/turn/context'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {runTurn} from 'clinvk-kit/turn/run-turn'

/** A turn as clinvk runs it, but for the settings, the hooks and the session store. */
export interface PlayedTurn {
  readonly result: TurnResult
  readonly events: readonly TurnEvent[]
  /** How often the turn was said to be over: once. */
  readonly endings: number
  /** What the backend keeps with the session. */
  readonly state?: Json
}

export interface PlayOptions {
  readonly entry: BackendEntry
  readonly backend: Backend
  readonly turn: Turn
  readonly invocation: Invocation
  readonly executable: Executable
  readonly env: Host['env']
  /** Milliseconds. */
  readonly timeout: number
  /** Ends the turn at once. */
  readonly stop: AbortSignal
  /** Called with each event; `end` stops the turn as Ctrl-C does. */
  readonly onEvent?: (event: TurnEvent, end: () => void) => void
}

/** Plays a turn in clinvk's own machinery: a process, its pipes and signals. */
export async function playTurn(options: PlayOptions): Promise<PlayedTurn> {
  const {entry, env, executable, invocation, onEvent, stop, timeout, turn} = options
  const backend = guardBackend(options.backend, entry)
  const ending = new AbortController()
  const hurry = new AbortController()
  const end = () => ending.abort('SIGINT')
  const endAtOnce = () => {
    ending.abort('SIGTERM')
    hurry.abort('SIGTERM')
  }

  const events: TurnEvent[] = []
  let endings = 0
  let state: Json | undefined
  const session: TurnSessionRecord = {
    id: randomUUID(),
    notices: [],
    begin: () => Promise.resolve(),
    update(change) {
      if (change.state !== undefined) state = change.state
      return Promise.resolve()
    },
    finish: () => Promise.resolve(),
  }
  if (stop.aborted) endAtOnce()
  stop.addEventListener('abort', endAtOnce, {once: true})
  try {
    const result = await runTurn(
      {
        turn,
        entry,
        backend,
        reader: backend.reader(turn),
        stopSignal: backend.stopSignal?.(turn) ?? 'SIGINT',
        invocation,
        executable,
        notices: [],
        verbose: false,
        limits: {timeout},
        session,
      },
      {
        cwd: turn.cwd,
        env,
        settings: DEFAULTS,
        settingsIn: () => Promise.resolve(DEFAULTS),
        backends: new Map(),
        hooks: {
          session: () => Promise.resolve(undefined),
          guard: () => Promise.resolve(undefined),
          tell: () => Promise.resolve(),
        },
        output: {
          needsContent: true,
          start: () => undefined,
          event(event) {
            events.push(event)
            onEvent?.(event, end)
          },
          notice: () => undefined,
          done() {
            endings++
          },
        },
      },
      {stop: ending.signal, hurry: hurry.signal},
    )
    return {result, events, endings, state}
  } finally {
    stop.removeEventListener('abort', endAtOnce)
  }
}
