import {setTimeout as sleep} from 'node:timers/promises'
import {exitCode, isFailure, type Outcome} from '../errors/failure.js'
import {formatDuration} from '../format/time.js'
import type {Interrupts} from '../io.js'
import type {TurnContext, TurnHooks} from './context.js'
import {requestFor} from './fallback.js'
import {heldOutput, type HeldOutput} from './held-output.js'
import {backendOf, type PreparedTurn, prepareTurn} from './prepare.js'
import type {SessionRequest} from './request.js'
import {attemptOf, failureResult, type TurnAttempt, type TurnResult} from './result.js'
import {runTurn} from './run-turn.js'

/**
 * Sends a prompt as `--fallback` and `--wait-for-reset` say: to the next backend where one has reached its limit, is not
 * signed in or not there; and where none is left, again when the first of their limits has ended. Throws a Failure when
 * the session is in use.
 */
export function runAttempts(prepared: PreparedTurn, interrupts: Interrupts): Promise<TurnResult> {
  return new Attempts(prepared, interrupts).run()
}

interface Candidate {
  readonly backend: string
  /** Its last turn here, which it continues, unless another agent has worked since. */
  last?: {readonly prepared: PreparedTurn; readonly seen: HeldOutput['seen']; readonly said: string}
  limit?: Limit
  limitsInARow: number
}

/** Times are milliseconds since 1970. */
interface Limit {
  readonly title: string
  readonly result: TurnResult
  /** When it ends, as the agent says. */
  readonly resetsAt?: number
  /** When the agent is asked again, at the earliest, whatever it says. */
  readonly notBefore: number
}

class Attempts {
  readonly #context: TurnContext
  readonly #output: HeldOutput
  readonly #startedAt = Date.now()
  readonly #attempts: TurnAttempt[]
  readonly #candidates: Candidate[]
  readonly #notices = new Set<string>()
  /** Milliseconds that may be waited for limits, in all. */
  readonly #maxWait: number
  #waitLeft: number
  /** Where tools have run last: from there another agent continues. */
  #worked: Candidate | undefined

  constructor(
    readonly first: PreparedTurn,
    readonly interrupts: Interrupts,
  ) {
    const {context, entry, fallback, limits} = first
    const {names = [], skipped = []} = fallback ?? {}
    this.#output = heldOutput(context.output)
    this.#context = {...context, output: this.#output}
    this.#attempts = [...skipped]
    this.#candidates = [entry.name, ...names].map((backend) => ({backend, limitsInARow: 0}))
    this.#maxWait = this.#waitLeft = limits.waitForReset ?? 0
  }

  async run(): Promise<TurnResult> {
    const [first, ...others] = this.#candidates
    let candidate = first!
    let said = ''
    let result = await this.#send(this.first, candidate, said)
    while (TAKEN_OVER.has(result.outcome) && !this.interrupts.stop.aborted) {
      const next = others.shift() ?? this.#firstToEnd()
      if (!next) break
      if (this.#worked && !this.#worked.last?.prepared.session) {
        const {hints = [], ...error} = result.error!
        result = {...result, error: {...error, hints: [NOTHING_KEPT, ...hints]}}
        break
      }
      if (next.limit) {
        const ended = await this.#wait(next.limit)
        if (ended) {
          result = ended
          break
        }
      } else this.#announce(next, result)
      candidate = next
      said = (candidate.last ?? this.#worked?.last)?.said ?? ''
      try {
        const prepared = await this.#prepare(candidate)
        // What follows an answer that broke off begins on a line of its own.
        if (this.#output.seen.text) await this.#output.event({type: 'text', text: SEPARATOR})
        result = await this.#send(prepared, candidate, said)
      } catch (error) {
        if (!isFailure(error) || error.kind === 'internal') throw error
        const {denials, working_dir} = result
        result = {...failureResult(error), backend: candidate.backend, denials, working_dir}
        this.#attempts.push(attemptOf(result))
        candidate.limit = undefined
      }
    }

    const {output} = this.first.context
    const content = output.needsContent ? said + result.content : ''
    const seconds = (Date.now() - this.#startedAt) / 1000
    const whole = {...result, content, duration_seconds: seconds, attempts: this.#attempts}
    await output.done(whole)
    return whole
  }

  async #send(prepared: PreparedTurn, candidate: Candidate, before: string): Promise<TurnResult> {
    const notices = prepared.notices.filter((notice) => !this.#notices.has(notice))
    for (const notice of notices) this.#notices.add(notice)
    const result = await runTurn({...prepared, notices, context: this.#context}, this.interrupts)
    this.#attempts.push(attemptOf(result))
    const seen = {...this.#output.seen}
    const said = seen.text ? before + result.content + SEPARATOR : before
    // Without a session it is asked anew.
    candidate.last = {prepared, seen, said: prepared.session ? said : ''}
    if (seen.tools) {
      this.#worked = candidate
      for (const other of this.#candidates) if (other !== candidate) other.last = undefined
    }

    if (seen.text || seen.tools) candidate.limitsInARow = 0
    const {title} = prepared.entry.descriptor
    const isLimited = result.outcome === 'rate_limit'
    candidate.limit = isLimited ? limitOf(title, result, candidate.limitsInARow++) : undefined
    return result
  }

  /** Of those that have reached their limits, the one whose limit ends first; undefined without --wait-for-reset. */
  #firstToEnd(): Candidate | undefined {
    if (this.#maxWait === 0) return undefined
    const retryAt = ({limit}: Candidate) => Math.max(limit!.resetsAt ?? 0, limit!.notBefore)
    const waiting = this.#candidates.filter(({limit}) => limit)
    return waiting.sort((a, b) => retryAt(a) - retryAt(b))[0]
  }

  /** Resolves when the limit should be over; with the result of the turn where it is not waited for, or no longer. */
  async #wait({notBefore, resetsAt, result, title}: Limit): Promise<TurnResult | undefined> {
    const error = result.error!
    const now = Date.now()
    const untilTold = Math.max(0, (resetsAt ?? 0) - now)
    if (untilTold > this.#waitLeft || this.#waitLeft === 0) {
      const max = `--wait-for-reset ${formatDuration(this.#maxWait)} allows`
      const hint =
        untilTold > this.#maxWait
          ? `That is later than ${max}, so clinvk did not wait for it.`
          : `clinvk waited for as long as ${max}.`
      return {...result, error: {...error, hints: [hint, ...(error.hints ?? [])]}}
    }
    const ms = Math.max(untilTold, Math.min(notBefore - now, this.#waitLeft))
    const what =
      resetsAt === undefined ? `before ${title} is asked again` : `until the limit of ${title} ends`
    this.#output.notice(`Waiting ${formatDuration(ms)} ${what}: ${error.message}`)
    this.#waitLeft -= Math.max(0, ms)
    await this.#sleep(now + ms + Math.random() * Math.min(ms / 10, MAX_JITTER_MS))
    const {stop} = this.interrupts
    if (!stop.aborted) return undefined
    const {session_id: session} = result
    const message = `Cancelled while waiting until the limit of ${title} ends.`
    const hints = session
      ? [`The session is kept. Resume it: clinvk resume ${session.slice(0, 8)} "continue"`]
      : undefined
    const end = {outcome: 'cancelled', error: {kind: 'cancelled', message, hints}} as const
    return {...result, ...end, exit_code: exitCode('cancelled', String(stop.reason))}
  }

  /** Until a time, or a signal. By the clock on the wall: timers stand still while a computer sleeps. */
  async #sleep(until: number): Promise<void> {
    const signal = this.interrupts.stop
    this.#output.waiting?.(until)
    for (let left = until - Date.now(); left > 0 && !signal.aborted; left = until - Date.now())
      await sleep(Math.min(left, MAX_SLEEP_MS), undefined, {signal}).catch(() => undefined)
    this.#output.waiting?.(undefined)
  }

  #announce({backend}: Candidate, {backend: before = '', error}: TurnResult): void {
    const titleOf = (name: string) => this.#context.backends.get(name)?.descriptor.title ?? name
    const how = this.#worked ? 'continues' : 'takes over'
    const why = error?.message.replace(/[^.!?]$/, '$&.') ?? ''
    this.#output.notice(`${titleOf(before)}: ${why} ${titleOf(backend)} ${how}.`)
  }

  /** The next turn of a candidate. */
  #prepare({backend, last}: Candidate): Promise<PreparedTurn> {
    if (last) return this.#again(last)
    const asked = requestFor(this.first.request, backendOf(backend, this.#context))
    const session = this.#forkOfWork() ?? this.first.fallback!.session
    const prompt = this.#worked ? CONTINUE : asked.prompt
    // The name is that of the first one.
    const name = 'name' in session && session.name !== undefined ? `${session.name}-${backend}` : undefined
    const request = {...asked, prompt, session: name === undefined ? session : {...session, name}}
    return prepareTurn(request, this.#context)
  }

  /** What has been done already is handed to the next agent. */
  #forkOfWork(): SessionRequest | undefined {
    if (!this.#worked) return undefined
    const reference = this.#worked.last!.prepared.session!.id
    const {name, tags = [], task} = this.first.request.session as Partial<NewSession>
    return {kind: 'fork', reference, name, tags, task}
  }

  #again({prepared, seen}: NonNullable<Candidate['last']>): Promise<PreparedTurn> {
    const {handOff, request, session, turn} = prepared
    if (!session) return prepareTurn(request, this.#context)
    const hasBegun = seen.text || seen.tools
    const named = {kind: 'named', reference: session.id, tags: []} as const
    const again = {...request, prompt: hasBegun ? CONTINUE : request.prompt, session: named}
    // The conversation of a first prompt that was not answered has only that: it would have it twice.
    const isForgotten = !hasBegun && turn.session.kind === 'new' && !handOff
    return prepareTurn(again, isForgotten ? withoutConversation(this.#context) : this.#context)
  }
}

type NewSession = Extract<SessionRequest, {kind: 'new'}>

/** The session then begins a new conversation. */
function withoutConversation(context: TurnContext): TurnContext {
  const session: TurnHooks['session'] = async (question) => {
    const record = await context.hooks.session(question)
    if (!record?.continues) return record
    const {backend, workingDir} = record.continues
    return {...record, continues: {backend, workingDir}}
  }
  return {...context, hooks: {...context.hooks, session}}
}

/** `limitsBefore`: how often it has reached its limit directly before. */
function limitOf(title: string, result: TurnResult, limitsBefore: number): Limit {
  const resetsAt = Date.parse(result.error?.resets_at ?? '')
  const isTold = !Number.isNaN(resetsAt)
  // An agent that says "now", or a time that has passed, and then refuses again is not asked without end.
  const pauses = isTold ? [0, ...PAUSES_MS] : PAUSES_MS
  const pause = pauses[Math.min(limitsBefore, pauses.length - 1)]!
  return {title, result, resetsAt: isTold ? resetsAt : undefined, notBefore: Date.now() + pause}
}

/** After which another agent takes over, or the end of a limit is waited for. */
export const TAKEN_OVER: ReadonlySet<Outcome> = new Set(['rate_limit', 'auth', 'unavailable'])
const NOTHING_KEPT = 'Tools have run, and no session was kept from which an agent could continue.'
const SEPARATOR = '\n\n'
/** Where it is not told when a limit ends. */
const PAUSES_MS = [5000, 15_000, 60_000]
/** So that not all who wait for the same limit begin in the same moment. */
const MAX_JITTER_MS = 5000
const MAX_SLEEP_MS = 5000
const CONTINUE =
  'The turn before was stopped by a usage limit. Continue where it stopped, without doing again what is done.'
