import {once} from 'node:events'
import type {Server} from 'node:http'
import type {Interrupts} from 'clinvk-kit/io'
import type {TurnRunner} from '../core/turn-runner.js'

/**
 * Resolves once the server has ended in order: at the first signal the port is free and no turn is taken any more;
 * running ones have `grace` milliseconds, then they are cancelled and saved. A second signal cancels them at once.
 */
export async function untilShutDown(
  server: Server,
  runner: TurnRunner,
  {hurry, stop}: Interrupts,
  grace: number,
): Promise<void> {
  if (!stop.aborted) await once(stop, 'abort')
  const closed = once(server, 'close')
  // Else who asks again and again over one connection would keep the server alive.
  server.prependListener('request', (_, outgoing) => outgoing.setHeader('connection', 'close'))
  server.close()
  runner.close()
  const timer = setTimeout(() => runner.cancel(), grace)
  const onHurry = () => runner.cancel(true)
  hurry.addEventListener('abort', onHurry, {once: true})
  if (hurry.aborted) onHurry()
  await runner.empty()
  clearTimeout(timer)
  server.closeIdleConnections()
  // What is left has its answer, but nobody reads it.
  const last = setTimeout(() => server.closeAllConnections(), LAST_BYTES_MS)
  await closed
  clearTimeout(last)
  hurry.removeEventListener('abort', onHurry)
}

const LAST_BYTES_MS = 1000
