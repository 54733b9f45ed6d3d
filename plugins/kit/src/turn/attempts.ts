import {setTimeout as sleep} from 'node:timers/promises'
import {exitCode, Failure, isFailure, outcomeOf} from '../errors/failure.js'
import {formatDuration} from '../format/time.js'
import type {Interrupts} from '../io.js'
import type {TurnContext} from './context.js'
import {heldOutput, type HeldOutput} from './held-output.js'
import {type PreparedTurn, prepareTurn} from './prepare.js'
import type {TurnRequest} from './request.js'
import type {TurnAttempt, TurnError, TurnResult} from './result.js'
import type {ReadyPrompt} from './run-prompt.js'
import {runTurn} from './run-turn.js'

/**
 * Sends a prompt again, or continues its session, as long as a limit of the agent stops it and `--wait-for-reset` allows
 * to wait for its end. Throws a Failure when the session is in use.
 */
export async function runAttempts(ready: ReadyPrompt, interrupts: Interrupts): Promise<TurnResult> {
  const startedAt = Date.now()
  const output = heldOutput(ready.context.output)
  const context = {...ready.context, output}
  const wait = new Wait(ready.prepared.limits.waitForReset ?? 0, context, interrupts)
  const attempts: TurnAttempt[] = []
  const notices = new Set<string>()
  let {prepared} = ready
  let said = ''
  let result: TurnResult
  for (;;) {
    const news = prepared.notices.filter((notice) => !notices.has(notice))
    for (const notice of news) notices.add(notice)
    result = await runTurn({...prepared, notices: news}, context, interrupts)
    attempts.push(attemptOf(result))
    if (result.outcome !== 'rate_limit') break
    const error = await wait.for(result, prepared)
    if (error) {
      result = failedAs(error, result, interrupts)
      break
    }
    try {
      const next = await prepareNext(ready.request, prepared, output.seen, context)
      // What follows an answer that broke off begins on a line of its own.
      if (output.seen.text) await output.event({type: 'text', text: '\n\n'})
      said = output.seen.text ? `${said}${result.content}\n\n` : said
      prepared = next
    } catch (failure) {
      if (!isFailure(failure) || failure.kind === 'internal') throw failure
      result = failedAs(failure, result, interrupts)
      break
    }
  }

  const content = ready.context.output.needsContent ? said + result.content : ''
  const whole = {...result, content, duration_seconds: (Date.now() - startedAt) / 1000, attempts}
  await ready.context.output.done(whole)
  return whole
}

/** The turn after one that a limit has stopped. */
async function prepareNext(
  request: TurnRequest,
  {handOff, prompt, session, turn}: PreparedTurn,
  seen: HeldOutput['seen'],
  context: TurnContext,
): Promise<PreparedTurn> {
  const hasBegun = seen.text || seen.tools
  if (!session) {
    if (!seen.tools) return prepareTurn(request, context)
    throw new Failure(
      'rate_limit',
      'Tools have run, and nothing was kept from which the agent could continue.',
    )
  }

  const named = {kind: 'named', reference: session.id, tags: []} as const
  const again = {...request, prompt: hasBegun ? CONTINUE : prompt, session: named}
  // The conversation of a first prompt that was not answered has only that: it would have it twice.
  const isForgotten = !hasBegun && turn.session.kind === 'new' && !handOff
  return prepareTurn(again, isForgotten ? withoutConversation(context) : context)
}

/** The session then begins a new conversation. */
function withoutConversation(context: TurnContext): TurnContext {
  const {hooks} = context
  return {
    ...context,
    hooks: {
      ...hooks,
      async session(question) {
        const record = await hooks.session(question)
        if (!record?.continues) return record
        const {backend, workingDir} = record.continues
        return {...record, continues: {backend, workingDir}}
      },
    },
  }
}

/** The time that is spent waiting for limits to end. */
class Wait {
  #limitsInARow = 0
  #waited = 0

  constructor(
    readonly max: number,
    readonly context: TurnContext,
    readonly interrupts: Interrupts,
  ) {}

  /** Resolves when the limit should be over; with an error where it is not waited for, or no longer. */
  async for(result: TurnResult, {entry}: PreparedTurn): Promise<TurnError | undefined> {
    const {message = '', resets_at: resetsAt} = result.error ?? {}
    const {title} = entry.descriptor
    const told = Date.parse(resetsAt ?? '') - Date.now()
    const isTold = !Number.isNaN(told)
    // An agent that says "now", or a time that has passed, and then refuses again is not asked without end.
    const pauses = isTold ? [0, ...PAUSES] : PAUSES
    const pause = pauses[Math.min(this.#limitsInARow++, pauses.length - 1)]!
    const left = this.max - this.#waited
    const asked = `--wait-for-reset ${formatDuration(this.max)}`
    const hints = result.error?.hints ?? []
    if (told > left)
      return {
        ...result.error!,
        hints: [`That is later than ${asked} allows, so it was not waited for.`, ...hints],
      }
    if (left <= 0)
      return {...result.error!, hints: [`It was waited for as long as ${asked} allows.`, ...hints]}
    const ms = Math.max(told || 0, Math.min(pause, left))
    const until = Date.now() + ms + Math.random() * Math.min(ms / 10, LONGEST_JITTER)
    const what = isTold ? `until the limit of ${title} ends` : `before ${title} is asked again`
    this.context.output.notice(`Waiting ${formatDuration(ms)} ${what}: ${message}`)
    this.#waited += ms
    if (await this.#sleep(until)) return undefined
    const resume = result.session_id && `clinvk resume ${result.session_id.slice(0, 8)}`
    return {
      kind: 'cancelled',
      message: `Cancelled while waiting until the limit of ${title} ends.`,
      hints: resume ? [`The session is kept. Resume it: ${resume} "continue"`] : undefined,
    }
  }

  /** False where a signal has ended it. By the clock on the wall: timers stand still while a computer sleeps. */
  async #sleep(until: number): Promise<boolean> {
    const {interrupts, context} = this
    context.output.waiting?.(until)
    try {
      for (let left = until - Date.now(); left > 0; left = until - Date.now())
        await sleep(Math.min(left, LONGEST_SLEEP), undefined, {signal: interrupts.stop})
      return !interrupts.stop.aborted
    } catch (error) {
      if (!interrupts.stop.aborted) throw error
      return false
    } finally {
      context.output.waiting?.(undefined)
    }
  }
}

/** The result of what could not follow. */
function failedAs(error: TurnError | Failure, result: TurnResult, {stop}: Interrupts): TurnResult {
  const {hints, kind, message, resets_at} = error as TurnError
  return {
    ...result,
    error: {kind, message, hints, resets_at},
    outcome: outcomeOf(kind),
    exit_code: exitCode(kind, stop.aborted ? String(stop.reason) : undefined),
  }
}

function attemptOf(result: TurnResult): TurnAttempt {
  const {backend = '', cost, duration_seconds, error, outcome, session_id, usage} = result
  return {
    backend,
    outcome,
    session_id,
    error: error?.message,
    resets_at: error?.resets_at,
    duration_seconds,
    usage,
    cost,
  }
}

const CONTINUE =
  'The turn before was stopped by a usage limit, which is over now. Continue where it stopped, without doing again what is done.'
/** Where it is not told when a limit ends: 5 s, 15 s, then a minute each. */
const PAUSES = [5000, 15_000, 60_000]
/** So that not all who wait for the same limit begin in the same moment. */
const LONGEST_JITTER = 5000
const LONGEST_SLEEP = 5000
