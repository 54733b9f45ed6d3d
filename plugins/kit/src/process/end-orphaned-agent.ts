import {randomUUID} from 'node:crypto'
import {setTimeout as wait} from 'node:timers/promises'
import {isAlive, type ProcessIdentity} from './identity.js'
import {environmentOf} from './process-table.js'
import {ProcessTree} from './process-tree.js'
import {stopAgent} from './stop-agent.js'

/**
 * Ends an agent whose clinvk was killed, with everything that it has started,
 * as the end of its turn would have. Tells whether it is gone.
 */
export async function endOrphanedAgent(agent: ProcessIdentity): Promise<boolean> {
  if (!isAlive(agent)) return true
  const turn = environmentOf(agent.pid, 'CLINVK_TURN_ID') ?? `none-${randomUUID()}`
  const tree = new ProcessTree(agent.pid, `CLINVK_TURN_ID=${turn}`)
  const over = new AbortController()
  const exit = ended(agent, over.signal)
  await stopAgent({exit, tree}, 'SIGINT', new AbortController().signal)
  over.abort()
  return !isAlive(agent)
}

async function ended(agent: ProcessIdentity, over: AbortSignal): Promise<object> {
  while (!over.aborted && isAlive(agent)) await wait(POLL_MS)
  return {}
}

const POLL_MS = 50
