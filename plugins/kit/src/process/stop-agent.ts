import {setTimeout as wait} from 'node:timers/promises'
import type {AgentProcess} from './start-agent.js'

/**
 * Ends the agent and everything that it has started: first the way it likes
 * (`signal`, so that it can save its session), then SIGTERM, then SIGKILL.
 * When `hurry` aborts (a second Ctrl-C) nothing is waited for any more.
 * Resolves when nothing of it lives.
 */
export async function stopAgent(
  agent: Pick<AgentProcess, 'exit' | 'tree'>,
  signal: NodeJS.Signals,
  hurry: AbortSignal,
): Promise<void> {
  const {tree} = agent
  const exit = {ended: false}
  void agent.exit.then(() => (exit.ended = true))

  for (const [step, grace] of [
    [signal, AFTER_SIGNAL_MS],
    ['SIGTERM', AFTER_TERM_MS],
  ] as const) {
    tree.refresh()
    if (!exit.ended) tree.signalGroup(step)
    await until(
      () => exit.ended,
      grace,
      hurry,
      () => tree.refresh(),
    )
    if (exit.ended) break
  }

  if (exit.ended && tree.signalAll('SIGTERM') === 0) return
  await until(() => tree.signalAll('SIGTERM') === 0, AFTER_TERM_MS, hurry)
  for (let tries = 0; tries < KILL_TRIES && tree.signalAll('SIGKILL') > 0; tries++) await wait(POLL_MS)
}

async function until(
  done: () => boolean,
  ms: number,
  hurry: AbortSignal,
  eachTime?: () => void,
): Promise<void> {
  for (const end = Date.now() + ms; !done() && Date.now() < end && !hurry.aborted;) {
    await wait(POLL_MS)
    eachTime?.()
  }
}

const AFTER_SIGNAL_MS = 3000
const AFTER_TERM_MS = 1500
const POLL_MS = 50
/** A process that SIGKILL does not end in this time hangs in the kernel; nobody can end it. */
const KILL_TRIES = 100
