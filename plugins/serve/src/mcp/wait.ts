import {Failure} from 'clinvk-kit/errors/failure'
import * as z from 'zod'
import type {Job} from './jobs.js'
import type {ToolContext} from './tool-context.js'
import {seconds, text, tool, type ToolAnswer, type ToolCall} from './tool.js'

export const wait = tool({
  name: 'wait',
  description: 'Wait for a session of ask or compare that is still running, and get its answer.',
  input: z.strictObject({session: text, wait_seconds: seconds}),
  async run({session, wait_seconds}, context, call) {
    const {job, data} = await find(session, context)
    return job ? waitFor(job, wait_seconds, context, call) : {data}
  },
})

export const stop = tool({
  name: 'stop',
  description: 'Stop a session that is still running. What was said stays, and ask can continue it.',
  input: z.strictObject({session: text}),
  async run({session}, context) {
    const {job, data} = await find(session, context)
    if (job) {
      job.stop()
      return {data: (await job.answer).data}
    }
    if (data.status !== 'running') return {data}
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
  {gone, interval = 5000}: ToolContext,
  {_meta, notify, signal}: ToolCall,
): Promise<ToolAnswer> {
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

function stillRuns({activity, handle, session = handle}: Job): ToolAnswer {
  return {data: {session, status: 'running', activity, next: `wait ${JSON.stringify({session})}`}}
}

/** What was asked here, or else what is known of the session. Throws a Failure where there is none. */
async function find(session: string, context: ToolContext): Promise<{job?: Job; data: ToolAnswer['data']}> {
  const job = context.jobs.find(session)
  if (job) return {job, data: {}}
  const {clinvk} = await context.open()
  const {id = session, running, status} = await clinvk.sessions.show(session)
  const next = `read ${JSON.stringify({session: id, around: -1})}`
  return {job: context.jobs.find(id), data: {session: id, status: running ? 'running' : status, next}}
}
