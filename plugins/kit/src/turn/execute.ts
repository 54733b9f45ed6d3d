import type {AgentExit, BackendEvent, Reader, Turn, Verdict} from 'clinvk-contract'
import {formatDuration} from '../format/duration.js'
import type {FailureKind} from '../outcome.js'
import type {AgentProcess} from '../process/start-agent.js'
import {stopAgent} from '../process/stop-agent.js'
import type {Interrupts} from './interrupts.js'
import {TokenLimit} from './token-limit.js'
import {WaitingTime} from './waiting-time.js'

/** Why clinvk ended the agent. */
export interface Stop {
  readonly kind: Extract<FailureKind, 'cancelled' | 'timeout' | 'idle_timeout' | 'auth' | 'session' | 'limit'>
  readonly message: string
  /** The signal that the user sent. */
  readonly signal?: string
}

export interface Execution {
  readonly exit: AgentExit
  readonly verdict: Verdict
  /** Absent when the agent ended by itself. */
  readonly stop?: Stop
}

export interface ExecutionOptions {
  /** The agent's name for messages. */
  readonly title: string
  readonly turn: Turn
  /** One that does not throw, as `load` of a backend makes it. */
  readonly reader: Reader
  readonly stopSignal: NodeJS.Signals
  readonly interrupts: Interrupts
  readonly timeout?: number
  readonly idleTimeout?: number
  /** The most tokens of the turn, in and out. */
  readonly maxTokens?: number
  onEvent(event: BackendEvent): void | Promise<void>
  /** Each line as it is, before its events. */
  readonly onLine?: Show
  /** The same for standard error. */
  readonly onErrorLine?: Show
}

type Show = (line: string) => void | Promise<void>

/** Follows a running agent to its end: reads its lines, keeps the time limits, stops it when it must. */
export async function execute(agent: AgentProcess, options: ExecutionOptions): Promise<Execution> {
  const {interrupts, reader, title, turn} = options
  let stop: Stop | undefined
  let stopping: Promise<void> | undefined
  /** What the agent waits for, as long as it only says that it tries again. */
  let lastRetry = ''
  /** Runs once the agent has said its last word. */
  let linger: WaitingTime | undefined

  const end = (reason?: Stop) => {
    // What the agent has finished is not undone by a signal that comes while it exits.
    if (!linger) stop ??= reason
    stopping ??= stopAgent(agent, options.stopSignal, interrupts.hurry)
  }

  const onInterrupt = () =>
    end({kind: 'cancelled', message: 'Cancelled.', signal: String(interrupts.stop.reason)})
  if (interrupts.stop.aborted) onInterrupt()
  else interrupts.stop.addEventListener('abort', onInterrupt, {once: true})

  const {idleTimeout, timeout} = options
  const timer = startTimer(timeout, (ms) =>
    end({kind: 'timeout', message: `${title} did not finish within ${formatDuration(ms)}.${lastRetry}`}),
  )
  const idle =
    idleTimeout === undefined
      ? undefined
      : new WaitingTime(idleTimeout, (ms) =>
          end({
            kind: 'idle_timeout',
            message: `${title} gave no sign of life for ${formatDuration(ms)}.${lastRetry}`,
          }),
        )

  const tokens = new TokenLimit(options.maxTokens, title, end)

  /** What an event means for the turn, once the user has been told of it. */
  const heed = (event: BackendEvent) => {
    tokens.take(event)
    if (event.type === 'finished') finish()
    else if (event.type === 'retry' && (event.status === 401 || event.status === 403)) {
      end({kind: 'auth', message: `${title} is not signed in: ${event.message}`})
    } else if (event.type === 'session') {
      const {session} = turn
      if (session.kind !== 'resume' || event.backend_session_id === session.id) return
      end({
        kind: 'session',
        message: `${title} did not go on with the conversation ${session.id}, it began ${event.backend_session_id}.`,
      })
    }
  }

  const finish = () => {
    if (linger) return
    const time = new WaitingTime(LINGER_MS, () => end())
    linger = time
    void agent.exit.then(() => time.end())
  }

  /**
   * Uses lines, one after the other. This may take as long as the user reads, and that is not the agent's time.
   * Nothing is awaited that is there already: there are streams of half a million lines a second.
   */
  const use = async (
    lines: readonly string[],
    show: Show | undefined,
    read: ((line: string) => readonly BackendEvent[]) | undefined,
  ) => {
    const held = new Set<WaitingTime>()
    const hold = (time: WaitingTime | undefined) => {
      if (!time || held.has(time)) return
      held.add(time)
      time.hold()
    }

    hold(idle)
    hold(linger)
    for (const line of lines) {
      const shown = show?.(line)
      if (shown) await shown
      const events = read?.(line)
      if (!events) continue
      if (events.length === 0 || events.some(({type}) => type !== 'retry')) idle?.refresh()
      for (const event of events) {
        lastRetry = event.type === 'retry' ? ` It tries again because: ${event.message}` : ''
        const told = options.onEvent(event)
        if (told) await told
        heed(event)
        hold(linger)
      }
    }

    for (const time of held) time.release()
  }

  let tail = ''
  const readErrors = async () => {
    const readErrorLine = reader.errorLine?.bind(reader)
    for await (const lines of agent.errors) {
      tail = `${tail}${lines.join('\n')}\n`.slice(-TAIL_LENGTH)
      await use(lines, options.onErrorLine, readErrorLine)
    }
  }

  const readOutput = async () => {
    const readLine = reader.line.bind(reader)
    for await (const lines of agent.output) await use(lines, options.onLine, readLine)
  }

  try {
    const [exit] = await Promise.all([agent.exit, readOutput(), readErrors()])
    await stopping
    stop ??= tokens.reached
    const agentExit: AgentExit = {...exit, stderr: tail}
    return {exit: agentExit, verdict: reader.end(agentExit), ...(stop === undefined ? {} : {stop})}
  } catch (error) {
    // The events could not be used: a bug of ours. The agent must not outlive it.
    end()
    await stopping
    throw error
  } finally {
    clearTimeout(timer)
    tokens.close()
    idle?.end()
    linger?.end()
    interrupts.stop.removeEventListener('abort', onInterrupt)
  }
}

function startTimer(ms: number | undefined, onEnd: (ms: number) => void): NodeJS.Timeout | undefined {
  return ms === undefined ? undefined : setTimeout(() => onEnd(ms), ms)
}

/** How long an agent may take to exit after its last word. */
const LINGER_MS = 5000
const TAIL_LENGTH = 16 * 1024
