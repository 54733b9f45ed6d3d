import {once} from 'node:events'
import type {Readable, Writable} from 'node:stream'
import {answerOpening, type OpeningAnswers} from './opening.js'
import type {Place} from './place.js'

interface Streams {
  readonly input: Readable
  readonly output: Writable
  /** For what a client does wrong that is no call, and cannot be answered. */
  readonly note: (message: string) => void
}

interface StreamOptions {
  readonly version: string
  readonly stop: AbortSignal
  /** Absent: the SDK answers everything. */
  readonly opening?: OpeningAnswers
}

/**
 * Serves one client until it closes its end, or `stop` aborts; then its jobs are stopped, and their sessions written.
 * `place` is asked for at the first message that needs more than is known before.
 */
export async function serveStreams(
  {input, note, output}: Streams,
  place: () => Place | Promise<Place>,
  {opening, stop, version}: StreamOptions,
): Promise<void> {
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
  const server = serveCalls({input, output, note, answered}, here, version)
  await ended
  await here.jobs.end()
  await server.close()
}
