import {isFailure, type Outcome} from '../errors/failure.js'
import type {Interrupts} from '../io.js'
import type {TurnContext, TurnHooks} from './context.js'
import {requestFor} from './fallback.js'
import {heldOutput, type HeldOutput} from './held-output.js'
import {backendOf, type PreparedTurn, prepareTurn} from './prepare.js'
import type {SessionRequest} from './request.js'
import {failureResult, type TurnAttempt, type TurnResult} from './result.js'
import {runTurn} from './run-turn.js'
import {retryAt, limited, type Limited, Wait} from './wait.js'

/**
 * Sends a prompt as `--fallback` and `--wait-for-reset` say: to the next backend where one has reached its limit, is not
 * signed in or not there; and where none is left, again when the first of their limits has ended. Throws a Failure when
 * the session is in use.
 */
export function runAttempts(prepared: PreparedTurn, interrupts: Interrupts): Promise<TurnResult> {
  return new Attempts(prepared, interrupts).run()
}

/** A backend that may answer. */
interface Candidate {
  readonly backend: string
  /** Its last turn here, which it continues, unless another agent has worked since. */
  last?: {readonly prepared: PreparedTurn; readonly seen: HeldOutput['seen']; readonly said: string}
  limit?: Limited
  limitsInARow: number
}

class Attempts {
  readonly #context: TurnContext
  readonly #output: HeldOutput
  readonly #startedAt = Date.now()
  readonly #attempts: TurnAttempt[]
  readonly #candidates: Candidate[]
  readonly #notices = new Set<string>()
  readonly #wait: Wait
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
    this.#wait = new Wait(limits.waitForReset ?? 0, this.#output, interrupts)
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
        const ended = await this.#wait.for(next.limit)
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
    candidate.limit = isLimited ? limited(title, result, candidate.limitsInARow++) : undefined
    return result
  }

  /** Of those that have reached their limits, the one whose limit ends first; undefined without --wait-for-reset. */
  #firstToEnd(): Candidate | undefined {
    if (this.#wait.max === 0) return undefined
    const waiting = this.#candidates.filter(({limit}) => limit)
    return waiting.sort((a, b) => retryAt(a.limit!) - retryAt(b.limit!))[0]
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

function attemptOf(result: TurnResult): TurnAttempt {
  const {backend = '', cost, duration_seconds, error, outcome, session_id, usage} = result
  const {message, resets_at} = error ?? {}
  return {backend, outcome, session_id, error: message, resets_at, duration_seconds, usage, cost}
}

/** After which another agent takes over, or the end of a limit is waited for. */
export const TAKEN_OVER: ReadonlySet<Outcome> = new Set(['rate_limit', 'auth', 'unavailable'])
const NOTHING_KEPT = 'Tools have run, and no session was kept from which an agent could continue.'
const SEPARATOR = '\n\n'
const CONTINUE =
  'The turn before was stopped by a usage limit. Continue where it stopped, without doing again what is done.'
