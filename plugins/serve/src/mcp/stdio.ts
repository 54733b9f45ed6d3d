import {once} from 'node:events'
import type {StdioOptions} from './calls.js'
import {answerOpening} from './opening.js'
import type {Place} from './place.js'

/**
 * Serves one client until it closes its end, or `stop` aborts; then its jobs are stopped, and their sessions written.
 * `place` is asked for at the first message that needs more than is known before.
 */
export async function serveStreams(
  options: StdioOptions,
  place: () => Place | Promise<Place>,
): Promise<void> {
  const {input, opening, output, stop, version} = options
  const over = () => undefined
  const ended = Promise.race([
    ...['end', 'close'].map((event) => once(input, event)),
    once(output, 'error'),
    stop.aborted || once(stop, 'abort'),
  ]).then(over, over)
  const answered = opening
    ? await Promise.race([ended, answerOpening(input, output, opening, version)])
    : new Set<unknown>()
  if (answered === undefined) return
  const [{serveCalls}, here] = await Promise.all([import('./calls.js'), place()])
  const server = serveCalls(options, answered, here)
  await ended
  await here.jobs.end()
  await server.close()
}
