import type {BackendEvent, SessionEvent, Turn} from 'clinvk-contract'
import {formatNumber} from '../format/text.js'
import {formatDuration} from '../format/time.js'
import type {Interrupts} from '../io.js'
import type {AgentProcess} from '../process/start-agent.js'
import {stopAgent} from '../process/stop-agent.js'
import type {PreparedTurn} from './prepare.js'
import type {Execution, Stop} from './result.js'

type LineListener = ((line: string) => void | Promise<void>) | undefined

/**
 * Follows a running agent to its end: reads its lines, keeps the limits, stops it when it must. `onLine` gets each line of
 * standard output before its events. What a listener returns is awaited, so a slow reader slows the agent.
 */
export async function execute(
  agent: AgentProcess,
  {entry, limits, reader, stopSignal, turn}: PreparedTurn,
  interrupts: Interrupts,
  onEvent: (event: BackendEvent) => void | Promise<void>,
  {onErrorLine, onLine}: {readonly onLine: LineListener; readonly onErrorLine: LineListener},
): Promise<Execution> {
  const {title} = entry.descriptor
  let stop: Stop | undefined
  let stopping: Promise<void> | undefined
  let hasFinished = false
  /** Set as soon as the limit is exceeded, also when the agent then finishes by itself. */
  let tooManyTokens: Stop | undefined
  /** Why the agent tries again, as long as that is all it reports. */
  let retryReason = ''
  /** Streams whose lines are processed. A slow listener is not the agent's fault. */
  let busy = 0

  const end = (reason?: Stop) => {
    // An agent that has finished its work was not interrupted, whatever happens while it exits.
    if (!hasFinished) stop ??= reason
    stopping ??= stopAgent(agent, stopSignal, interrupts.hurry)
  }

  const timers: (NodeJS.Timeout | undefined)[] = []
  const after = (ms: number | undefined, task: () => void, waitsForListeners = false) => {
    if (ms === undefined) return undefined
    const timer = setTimeout(() => (waitsForListeners && busy > 0 ? timer.refresh() : task()), ms)
    timers.push(timer)
    return timer
  }

  const {idleTimeout = 0, maxTokens = Infinity, timeout = 0} = limits
  after(limits.timeout, () => {
    const message = `${title} did not finish within ${formatDuration(timeout)}.${retryReason}`
    end({kind: 'timeout', message})
  })
  const onIdle = () => {
    const message = `${title} made no progress for ${formatDuration(idleTimeout)}.${retryReason}`
    end({kind: 'idle_timeout', message})
  }
  const idle = after(limits.idleTimeout, onIdle, true)

  const onInterrupt = () =>
    end({kind: 'cancelled', message: 'Cancelled.', signal: String(interrupts.stop.reason)})
  if (interrupts.stop.aborted) onInterrupt()
  else interrupts.stop.addEventListener('abort', onInterrupt, {once: true})

  /**
   * Agents report usage at the end of a model call, which may have been the last one: they get a moment to finish by
   * themselves, so that their answer and their own record are complete.
   */
  const checkTokens = (event: BackendEvent) => {
    if (tooManyTokens && STARTS_ANOTHER_CALL.has(event.type)) end(tooManyTokens)
    if (tooManyTokens || event.type !== 'usage') return
    const {input_tokens: input = 0, output_tokens: output = 0} = event.usage
    const {total_tokens: total = input + output} = event.usage
    if (total <= maxTokens) return
    const message = `${title} used ${formatNumber(total)} tokens; the limit is ${formatNumber(maxTokens)}.`
    tooManyTokens = {kind: 'limit', message}
    after(TIME_TO_FINISH_MS, () => end(tooManyTokens))
  }

  const handle = (event: BackendEvent) => {
    checkTokens(event)
    if (event.type === 'finished' && !hasFinished) {
      hasFinished = true
      const timer = after(TIME_TO_EXIT_MS, end, true)
      void agent.exit.then(() => clearTimeout(timer))
    } else if (event.type === 'retry' && (event.status === 401 || event.status === 403)) {
      end({kind: 'auth', message: `${title} is not signed in: ${event.message}`})
    } else if (event.type === 'session' && isOtherConversation(turn, event)) {
      const {id, kind} = turn.session
      const instead = kind === 'fork' ? 'it continued in it' : `it started ${event.backend_session_id}`
      end({kind: 'session', message: `${title} did not ${kind} the conversation ${id}, ${instead}.`})
    }
  }

  /** Awaits only what is a promise: there are streams of half a million lines a second. */
  const processLines = async (
    lines: readonly string[],
    listen: LineListener,
    read: ((line: string) => readonly BackendEvent[]) | undefined,
  ) => {
    busy++
    for (const line of lines) {
      const shown = listen?.(line)
      if (shown) await shown
      const events = read?.(line)
      if (!events) continue
      for (const event of events) {
        retryReason = event.type === 'retry' ? ` It tries again because: ${event.message}` : ''
        const used = onEvent(event)
        if (used) await used
        handle(event)
      }

      if (events.length === 0 || events.some(({type}) => type !== 'retry')) idle?.refresh()
    }

    busy--
  }

  const readOutput = async () => {
    const read = reader.line.bind(reader)
    for await (const lines of agent.output) await processLines(lines, onLine, read)
  }

  let stderr = ''
  const readErrors = async () => {
    const read = reader.errorLine?.bind(reader)
    for await (const lines of agent.errors) {
      stderr = `${stderr}${lines.join('\n')}\n`.slice(-KEPT_STDERR)
      await processLines(lines, onErrorLine, read)
    }
  }

  try {
    const [ended] = await Promise.all([agent.exit, readOutput(), readErrors()])
    await stopping
    const exit = {...ended, stderr}
    return {exit, verdict: reader.end(exit), stop: stop ?? tooManyTokens}
  } catch (error) {
    // A listener failed, which is a bug of ours. The agent must not outlive it.
    end()
    await stopping
    throw error
  } finally {
    for (const timer of timers) clearTimeout(timer)
    interrupts.stop.removeEventListener('abort', onInterrupt)
  }
}

/** Whether the agent continues another conversation than it was asked to. */
export function isOtherConversation({session}: Turn, {backend_session_id: id}: SessionEvent): boolean {
  return session.kind === 'resume' ? id !== session.id : session.kind === 'fork' && id === session.id
}

const STARTS_ANOTHER_CALL: ReadonlySet<BackendEvent['type']> = new Set([
  'text', 'reasoning', 'tool_call', 'tool_result', 'retry',
]) // prettier-ignore
const TIME_TO_FINISH_MS = 1000
/** How long an agent may take to exit after it has finished. */
const TIME_TO_EXIT_MS = 5000
/** Characters of standard error that error messages may use. */
const KEPT_STDERR = 16 * 1024
