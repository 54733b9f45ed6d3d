import {Failure} from 'clinvk-kit/errors/failure'
import * as z from 'zod'
import type {Job} from './jobs.js'
import type {Place} from './place.js'
import {type Answer, seconds, text, tool, type ToolCall} from './tool.js'

export const wait = tool({
  name: 'wait',
  description: 'Wait for a session of ask or compare that is still running, and get its answer.',
  input: z.strictObject({session: text, wait_seconds: seconds}),
  async run({session, wait_seconds}, place, call) {
    const found = await find(session, place)
    return found.job ? waitFor(found.job, wait_seconds, place, call) : {data: found.data}
  },
})

export const stop = tool({
  name: 'stop',
  description: 'Stop a session that is still running. What was said stays, and ask can continue it.',
  input: z.strictObject({session: text}),
  async run({session}, place) {
    const found = await find(session, place)
    if (found.job) {
      found.job.stop()
      return {data: (await found.job.answer).data}
    }
    if (found.data.status !== 'running') return {data: found.data}
    const message = `Session ${session} was not started here, and can be stopped only where it was started.`
    throw new Failure('session', message)
  },
})

/**
 * The answer of a job, or, when the time is over, that it still runs: clients give up a call after a while, most after a
 * minute. A call that is cancelled stops the job.
 */
export async function waitFor(
  job: Job,
  seconds: number,
  {gone, interval = 5000}: Place,
  {_meta, notify, signal}: ToolCall,
): Promise<Answer> {
  const end = gone ? AbortSignal.any([signal, gone]) : signal
  const started = Date.now()
  const stop = () => job.stop()
  end.addEventListener('abort', stop)
  if (end.aborted) stop()
  const token = _meta?.progressToken
  const tell = () => {
    const progress = (Date.now() - started) / 1000
    const params = {progressToken: token, progress, message: job.activity}
    // A client that has gone away hears nothing.
    notify({method: 'notifications/progress', params}).catch(() => undefined)
  }
  const progress = token === undefined ? undefined : setInterval(tell, interval)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), seconds * 1000)
  })
  try {
    return (await Promise.race([job.answer, late])) ?? stillRuns(job)
  } finally {
    end.removeEventListener('abort', stop)
    clearInterval(progress)
    clearTimeout(timer)
  }
}

function stillRuns({activity, handle, session = handle}: Job): Answer {
  return {data: {session, status: 'running', activity, next: `wait ${JSON.stringify({session})}`}}
}

/** What was asked here, or else what is known of the session. Throws a Failure where there is none. */
async function find(
  session: string,
  place: Place,
): Promise<{job: Job} | {job?: undefined; data: Answer['data']}> {
  const job = place.jobs.find(session)
  if (job) return {job}
  const {clinvk} = await place.open()
  const {id = session, running, status} = await clinvk.sessions.show(session)
  const found = place.jobs.find(id)
  if (found) return {job: found}
  const next = `read ${JSON.stringify({session: id, around: -1})}`
  return {data: {session: id, status: running ? 'running' : status, next}}
}
