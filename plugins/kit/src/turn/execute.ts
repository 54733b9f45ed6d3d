import type {AgentExit, BackendEvent} from 'clinvk-contract'
import {formatDuration} from '../format/time.js'
import type {AgentProcess} from '../process/start-agent.js'
import {stopAgent} from '../process/stop-agent.js'
import type {Interrupts} from '../io.js'
import type {PreparedTurn} from './prepare.js'
import type {Execution, Stop} from './result.js'
import {formatNumber} from '../format/text.js'

/** What is told while the agent runs. What a function returns is awaited, so a slow reader slows the agent. */
export interface ExecutionListener {
  onEvent(event: BackendEvent): void | Promise<void>
  /** Each line of standard output as it is, before its events. */
  readonly onLine?: LineListener
  /** The same for standard error. */
  readonly onErrorLine?: LineListener
}

type LineListener = (line: string) => void | Promise<void>

/** Follows a running agent to its end: reads its lines, keeps the limits, stops it when it must. */
export async function execute(
  agent: AgentProcess,
  {entry, limits, reader, stopSignal, turn}: PreparedTurn,
  interrupts: Interrupts,
  listener: ExecutionListener,
): Promise<Execution> {
  const {title} = entry.descriptor
  let stop: Stop | undefined
  let stopping: Promise<void> | undefined
  /** Why the agent tries again, as long as that is all it reports. */
  let retryReason = ''
  /** Runs from the agent's `finished` event until it exits. */
  let exitTimer: PausableTimer | undefined

  const end = (reason?: Stop) => {
    // An agent that has finished its work was not interrupted, whatever happens while it exits.
    if (!exitTimer) stop ??= reason
    stopping ??= stopAgent(agent, stopSignal, interrupts.hurry)
  }

  const onInterrupt = () =>
    end({kind: 'cancelled', message: 'Cancelled.', signal: String(interrupts.stop.reason)})
  if (interrupts.stop.aborted) onInterrupt()
  else interrupts.stop.addEventListener('abort', onInterrupt, {once: true})

  const timeout = new PausableTimer(limits.timeout ?? Infinity, (ms) =>
    end({kind: 'timeout', message: `${title} did not finish within ${formatDuration(ms)}.${retryReason}`}),
  )
  const idleTimeout = new PausableTimer(limits.idleTimeout ?? Infinity, (ms) =>
    end({
      kind: 'idle_timeout',
      message: `${title} made no progress for ${formatDuration(ms)}.${retryReason}`,
    }),
  )
  const tokens = new TokenLimit(limits.maxTokens, title, end)

  const onFinished = () => {
    if (exitTimer) return
    const timer = new PausableTimer(TIME_TO_EXIT_MS, () => end())
    exitTimer = timer
    void agent.exit.then(() => timer.cancel())
  }

  /** What an event means for the turn, once the listener has it. */
  const handle = (event: BackendEvent) => {
    tokens.check(event)
    if (event.type === 'finished') onFinished()
    else if (event.type === 'retry' && (event.status === 401 || event.status === 403)) {
      end({kind: 'auth', message: `${title} is not signed in: ${event.message}`})
    } else if (event.type === 'session') {
      const {session} = turn
      if (session.kind !== 'resume' || event.backend_session_id === session.id) return
      end({
        kind: 'session',
        message: `${title} did not resume the conversation ${session.id}, it started ${event.backend_session_id}.`,
      })
    }
  }

  /**
   * Processes lines one after the other. The timers pause meanwhile, because a slow listener is not the agent's fault.
   * Awaits only what is a promise: there are streams of half a million lines a second.
   */
  const processLines = async (
    lines: readonly string[],
    onLine: LineListener | undefined,
    read: ((line: string) => readonly BackendEvent[]) | undefined,
  ) => {
    const paused = new Set<PausableTimer>()
    const pause = (timer: PausableTimer | undefined) => {
      if (!timer || paused.has(timer)) return
      paused.add(timer)
      timer.pause()
    }

    pause(idleTimeout)
    pause(exitTimer)
    for (const line of lines) {
      const shown = onLine?.(line)
      if (shown) await shown
      const events = read?.(line)
      if (!events) continue
      if (events.length === 0 || events.some(({type}) => type !== 'retry')) idleTimeout.restart()
      for (const event of events) {
        retryReason = event.type === 'retry' ? ` It tries again because: ${event.message}` : ''
        const told = listener.onEvent(event)
        if (told) await told
        handle(event)
        pause(exitTimer)
      }
    }

    for (const timer of paused) timer.resume()
  }

  const readOutput = async () => {
    const read = reader.line.bind(reader)
    for await (const lines of agent.output) await processLines(lines, listener.onLine, read)
  }

  let stderr = ''
  const readErrors = async () => {
    const read = reader.errorLine?.bind(reader)
    for await (const lines of agent.errors) {
      stderr = `${stderr}${lines.join('\n')}\n`.slice(-KEPT_STDERR)
      await processLines(lines, listener.onErrorLine, read)
    }
  }

  try {
    const [ended] = await Promise.all([agent.exit, readOutput(), readErrors()])
    await stopping
    const exit: AgentExit = {...ended, stderr}
    return {exit, verdict: reader.end(exit), stop: stop ?? tokens.exceeded}
  } catch (error) {
    // A listener failed, which is a bug of ours. The agent must not outlive it.
    end()
    await stopping
    throw error
  } finally {
    tokens.cancel()
    for (const timer of [timeout, idleTimeout, exitTimer]) timer?.cancel()
    interrupts.stop.removeEventListener('abort', onInterrupt)
  }
}

/** How long an agent may take to exit after it has finished. */
const TIME_TO_EXIT_MS = 5000
/** Characters of standard error that error messages may use. */
const KEPT_STDERR = 16 * 1024

/**
 * Ends a turn that used more tokens than it may. Agents report usage at the end of a model call, which may have been
 * the last one: they get a moment to finish by themselves, so that their answer and their own record are complete.
 */
export class TokenLimit {
  /** Set as soon as the limit is exceeded, also when the agent then finishes by itself. */
  exceeded: Stop | undefined
  readonly #end: (reason: Stop) => void
  readonly #limit: number
  readonly #title: string
  #timer: NodeJS.Timeout | undefined

  constructor(limit: number | undefined, title: string, end: (reason: Stop) => void) {
    this.#limit = limit ?? Infinity
    this.#title = title
    this.#end = end
  }

  check(event: BackendEvent): void {
    if (this.exceeded && STARTS_ANOTHER_CALL.has(event.type)) this.#end(this.exceeded)
    if (this.exceeded || event.type !== 'usage') return
    const {
      input_tokens: input = 0,
      output_tokens: output = 0,
      total_tokens: total = input + output,
    } = event.usage
    if (total <= this.#limit) return
    const stop: Stop = {
      kind: 'limit',
      message: `${this.#title} used ${formatNumber(total)} tokens; unified_flags.max_tokens is ${formatNumber(this.#limit)}.`,
    }
    this.exceeded = stop
    this.#timer = setTimeout(() => this.#end(stop), TIME_TO_FINISH_MS)
  }

  cancel(): void {
    clearTimeout(this.#timer)
  }
}

const STARTS_ANOTHER_CALL: ReadonlySet<BackendEvent['type']> = new Set([
  'text',
  'reasoning',
  'tool_call',
  'tool_result',
  'retry',
])
const TIME_TO_FINISH_MS = 1000

/** A timer that can be paused, as often as one likes at once: it runs on when every pause has ended. */
export class PausableTimer {
  readonly #limit: number
  readonly #onEnd: (limit: number) => void
  #left: number
  #since = Date.now()
  #pauses = 0
  #timer: NodeJS.Timeout | undefined

  /** With a limit of `Infinity` it never ends. */
  constructor(limitMs: number, onEnd: (limitMs: number) => void) {
    this.#limit = limitMs
    this.#onEnd = onEnd
    this.#left = limitMs
    this.#run()
  }

  pause(): void {
    if (this.#pauses++ > 0) return
    clearTimeout(this.#timer)
    this.#left -= Date.now() - this.#since
  }

  resume(): void {
    if (--this.#pauses === 0) this.#run()
  }

  /** The whole time begins anew. */
  restart(): void {
    this.#left = this.#limit
    if (this.#pauses === 0) this.#run()
  }

  cancel(): void {
    clearTimeout(this.#timer)
    this.#pauses = Infinity
  }

  #run(): void {
    clearTimeout(this.#timer)
    if (this.#limit === Infinity) return
    this.#since = Date.now()
    this.#timer = setTimeout(() => this.#onEnd(this.#limit), Math.max(0, this.#left))
  }
}
