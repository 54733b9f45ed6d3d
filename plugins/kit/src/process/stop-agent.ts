import {randomUuid} from '../format/random-id.js'
import {setTimeout as wait} from 'node:timers/promises'
import {isAlive, type ProcessIdentity} from './identity.js'
import {environmentOf, ProcessTree} from './process-tree.js'
import type {AgentProcess} from './start-agent.js'

/**
 * Ends the agent and everything that it has started: with `signal`, on which it
 * saves its conversation, then SIGTERM, then SIGKILL. When `hurry` aborts (a second
 * Ctrl-C) nothing is waited for any more. Resolves when none of it lives.
 */
export async function stopAgent(
  {exit, tree}: Pick<AgentProcess, 'exit' | 'tree'>,
  signal: NodeJS.Signals,
  hurry: AbortSignal,
): Promise<void> {
  let ended = false
  void exit.then(() => (ended = true))
  const hasEnded = () => ended
  const until = async (done: () => boolean, ms: number) => {
    for (const end = Date.now() + ms; !done() && Date.now() < end && !hurry.aborted;) await wait(POLL_MS)
  }
  const steps = [
    [signal, AFTER_SIGNAL_MS],
    ['SIGTERM', AFTER_TERM_MS],
  ] as const
  for (const [step, ms] of steps) {
    tree.refresh()
    if (!hasEnded()) tree.signalGroup(step)
    await until(() => {
      if (!hasEnded()) tree.refresh()
      return hasEnded()
    }, ms)
    if (hasEnded()) break
  }

  if (hasEnded() && tree.signalAll('SIGTERM') === 0) return
  await until(() => tree.signalAll('SIGTERM') === 0, AFTER_TERM_MS)
  for (let tries = 0; tries < KILL_TRIES && tree.signalAll('SIGKILL') > 0; tries++) await wait(POLL_MS)
}

/** Ends an agent whose clinvk was killed, with everything that it has started. Tells whether it is gone. */
export async function endOrphanedAgent(agent: ProcessIdentity): Promise<boolean> {
  if (!isAlive(agent)) return true
  const turn = environmentOf(agent.pid, 'CLINVK_TURN_ID') ?? `none-${randomUuid()}`
  const tree = new ProcessTree(agent.pid, `CLINVK_TURN_ID=${turn}`)
  let isOver = false
  const gone = () => isOver || !isAlive(agent)
  const exit = (async () => {
    while (!gone()) await wait(POLL_MS)
    return {}
  })()
  await stopAgent({exit, tree}, 'SIGINT', new AbortController().signal)
  isOver = true
  return !isAlive(agent)
}

const AFTER_SIGNAL_MS = 3000
const AFTER_TERM_MS = 1500
const POLL_MS = 50
/** A process that SIGKILL does not end in this time hangs in the kernel; nobody can end it. */
const KILL_TRIES = 100
