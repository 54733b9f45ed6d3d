import type {AgentExit, BackendEvent, Reader, Turn, Verdict} from '../contract.js'
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
  onLine?(line: string): void | Promise<void>
  /** The same for standard error. */
  onErrorLine?(line: string): void | Promise<void>
}

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

  const use = async (events: readonly BackendEvent[]) => {
    if (events.length === 0 || events.some(({type}) => type !== 'retry')) idle?.refresh()
    for (const event of events) {
      lastRetry = event.type === 'retry' ? ` It tries again because: ${event.message}` : ''
      await options.onEvent(event)
      tokens.take(event)
      if (event.type === 'finished') finish()
      else if (event.type === 'retry' && (event.status === 401 || event.status === 403)) {
        end({kind: 'auth', message: `${title} is not signed in: ${event.message}`})
      } else if (event.type === 'session') {
        const {session} = turn
        if (session.kind !== 'resume' || event.backend_session_id === session.id) continue
        end({
          kind: 'session',
          message: `${title} did not go on with the conversation ${session.id}, it began ${event.backend_session_id}.`,
        })
      }
    }
  }

  const finish = () => {
    if (linger) return
    const time = new WaitingTime(LINGER_MS, () => end())
    linger = time
    void agent.exit.then(() => time.end())
  }

  /** Waits for what happens with a line, which may take as long as the user reads. */
  const onOurTime = async (line: () => Promise<void>) => {
    const times = [idle, linger]
    for (const time of times) time?.hold()
    await line()
    for (const time of times) time?.release()
  }

  let tail = ''
  const readErrors = async () => {
    for await (const line of agent.errors) {
      tail = `${tail}${line}\n`.slice(-TAIL_LENGTH)
      await onOurTime(async () => {
        await options.onErrorLine?.(line)
        if (reader.errorLine) await use(reader.errorLine(line))
      })
    }
  }

  const readOutput = async () => {
    for await (const line of agent.output) {
      await onOurTime(async () => {
        await options.onLine?.(line)
        await use(reader.line(line))
      })
    }
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
