import type {AgentExit, BackendEvent, Denial, Json, Usage, Verdict} from 'clinvk-contract'
import type {BackendEntry} from '../backends/discover.js'
import {type Failure, exitCode, outcomeOf, type FailureKind, type Outcome} from '../errors/failure.js'
import {formatNumber} from '../format/text.js'
import {withTotal} from './usage.js'

/**
 * A finished turn: what `-o json` prints and the `done` event holds
 * (`docs/reference/json.md`). Fields are only ever added.
 */
export interface TurnResult {
  /** Ours, usable in every command; absent when ephemeral. */
  session_id?: string
  backend?: string
  /** The agent's own id, as far as it has reported one. */
  backend_session_id?: string
  /** The model that really answered. */
  model?: string
  /** The answer: every `text` event, joined. */
  content: string
  /** The answer as the value that fits the schema which was asked for; `content` is the same as JSON text. */
  structured?: Json
  outcome: Outcome
  error?: TurnError
  exit_code: number
  /** Of the agent's process; absent when it did not run or died by a signal. */
  backend_exit_code?: number
  duration_seconds: number
  usage?: Usage
  /** US dollars, to six digits; absent where the agent does not report it. */
  cost?: number
  denials: readonly Denial[]
  working_dir?: string
  /** Only ever false: the session of this turn could not be written. */
  session_saved?: false
  /** With `--wait-for-reset` or `--fallback`: every turn that this one took, the last one too. */
  attempts?: readonly TurnAttempt[]
}

export type TurnAttempt = Pick<
  TurnResult,
  'outcome' | 'session_id' | 'duration_seconds' | 'usage' | 'cost'
> & {
  backend: string
  error?: string
  resets_at?: string
}

export interface TurnError {
  kind: FailureKind
  /** Finer than the kind: that of the failure with which a plugin has refused the turn. */
  code?: string
  message: string
  /** What to do next, one sentence or command each. */
  hints?: readonly string[]
  /** When a rate limit ends (ISO 8601). */
  resets_at?: string
}

export interface Stop {
  readonly kind: Extract<FailureKind, 'cancelled' | 'timeout' | 'idle_timeout' | 'auth' | 'session' | 'limit'>
  readonly message: string
  /** The signal that the user sent. */
  readonly signal?: string
}

/** How a run of the agent ended: by itself, by `stop`, or not at all: by the `failure` that kept it from starting. */
export interface Execution {
  /** Absent when no process was started. */
  readonly exit?: AgentExit
  readonly verdict: Verdict
  readonly stop?: Stop
  readonly failure?: Failure
}

/** Collects what the events of a turn report, and makes the result of it. */
export class ResultBuilder {
  backendSessionId: string | undefined
  /** As the backend told it last. */
  state: Json | undefined
  hasRunTools = false
  /** Why the answer is not whole, in a sentence: then the turn is no success. */
  cut: string | undefined
  #length = 0
  #model: string | undefined
  #usage: Usage | undefined
  readonly #texts: string[] = []

  constructor(readonly prepared: TurnToReport) {}

  add(event: BackendEvent): void {
    if (event.type === 'text') {
      // Without the content, a long answer takes no memory.
      if (!this.prepared.context.output.needsContent) return
      this.#length += event.text.length
      if (this.#length <= LARGEST_CONTENT) this.#texts.push(event.text)
    } else if (event.type === 'usage') this.#usage = event.usage
    else if (event.type === 'state') this.state = event.state
    else if (event.type === 'tool_call') this.hasRunTools = true
    else if (event.type === 'session') {
      this.backendSessionId = event.backend_session_id
      this.#model = event.model ?? this.#model
    }
  }

  /** `isConfirmed`: the agent has recorded the conversation. */
  build(ending: Execution, durationMs: number, isConfirmed: boolean): TurnResult {
    const {exit, failure, stop, verdict} = ending
    const content = verdict.content?.slice(0, LARGEST_CONTENT) ?? this.#texts.join('')
    const length = verdict.content?.length ?? this.#length
    const {context, entry, session, turn} = this.prepared
    if (length > LARGEST_CONTENT && context.output.needsContent) this.cut ??= tooLong(length, content.length)
    const error = this.#withCut(failure ? errorOfFailure(failure) : this.#errorOf(ending, isConfirmed))
    const usage = verdict.usage ?? this.#usage
    return {
      session_id: session?.id,
      backend: entry.name,
      backend_session_id: this.backendSessionId,
      model: verdict.model ?? this.#model,
      content,
      outcome: error ? outcomeOf(error.kind) : 'success',
      error,
      exit_code: error ? exitCode(error.kind, stop?.signal) : 0,
      backend_exit_code: exit?.code,
      duration_seconds: durationMs / 1000,
      usage: usage && withTotal(usage),
      // Agents write 0 where they know no price.
      cost: Math.round((verdict.cost ?? 0) * 1e6) / 1e6 || undefined,
      denials: verdict.denials ?? [],
      working_dir: turn.cwd,
    }
  }

  /** That clinvk stopped the agent outweighs what the agent reports. */
  #errorOf({stop, verdict}: Execution, isConfirmed: boolean): TurnError | undefined {
    if (stop) return this.#withHints({kind: stop.kind, message: stop.message}, isConfirmed)
    if (verdict.outcome === 'success') return undefined
    const {message, outcome, resetsAt} = verdict
    const kind = outcome === 'failed' ? 'agent' : outcome
    return this.#withHints({kind, message, resets_at: resetsAt}, isConfirmed)
  }

  #withCut(error: TurnError | undefined): TurnError | undefined {
    if (this.cut === undefined) return error
    return error ? {...error, hints: [...(error.hints ?? []), this.cut]} : {kind: 'limit', message: this.cut}
  }

  #withHints(error: TurnError, isConfirmed: boolean): TurnError {
    const {entry, session} = this.prepared
    const {signIn} = entry.descriptor
    const hints: string[] = []
    if (error.kind === 'auth' && signIn !== undefined) hints.push(signIn)
    if (error.kind === 'session')
      hints.push(`Nothing was changed in the session. Start a new one: clinvk -b ${entry.name} "…"`)
    if (INTERRUPTED.has(error.kind) && session) {
      const resume = `clinvk resume ${session.id.slice(0, 8)}`
      hints.push(
        isConfirmed
          ? `The session is kept. Resume it: ${resume} "continue"`
          : `${entry.descriptor.title} has recorded nothing yet. Start again with the same prompt: ${resume}${this.hasRunTools ? ' --restart' : ''} "continue"`,
      )
    }

    return hints.length === 0 ? error : {...error, hints}
  }
}

export function attemptOf(result: TurnResult): TurnAttempt {
  const {backend = '', cost, duration_seconds, error, outcome, session_id, usage} = result
  const {message, resets_at} = error ?? {}
  return {backend, outcome, session_id, error: message, resets_at, duration_seconds, usage, cost}
}

/** The result of a turn that did not start. */
export function failureResult(failure: Failure): TurnResult {
  const {kind} = failure
  return {
    content: '',
    outcome: outcomeOf(kind),
    error: errorOfFailure(failure),
    exit_code: exitCode(kind),
    duration_seconds: 0,
    denials: [],
  }
}

function errorOfFailure({code, hints, kind, message}: Failure): TurnError {
  return {kind, ...(code !== undefined && {code}), message, hints: hints.length === 0 ? undefined : hints}
}

interface TurnToReport {
  readonly context: {readonly output: {readonly needsContent: boolean}}
  readonly entry: BackendEntry
  readonly session?: {readonly id: string}
  readonly turn: {readonly cwd: string}
}

function tooLong(length: number, kept: number): string {
  return `The answer has ${formatNumber(length)} characters, of which the result has the first ${formatNumber(kept)}. -o text prints all of it.`
}

/** Characters. As JSON each may take six, and a string of Node has at most some 500 million. */
const LARGEST_CONTENT = 64 * 1024 * 1024
const INTERRUPTED: ReadonlySet<FailureKind> = new Set(['cancelled', 'timeout', 'idle_timeout', 'limit'])
