import type {ServerContext} from '@modelcontextprotocol/server'
import type {Answer} from './answer.js'
import type {Job} from './jobs.js'

/** How long a call waits, and how it says meanwhile what happens. */
export interface Waiting {
  /** Seconds, after which the call hands back. */
  readonly seconds: number
  readonly context: ServerContext
  readonly gone?: AbortSignal
  /** Milliseconds between two notes of progress. */
  readonly interval: number
}

/**
 * The answer of a job, or, when the time is over, that it still runs: clients give up a call after a while, most after a
 * minute. A call that is cancelled stops the job.
 */
export async function waitFor(job: Job, {context, gone, interval, seconds}: Waiting): Promise<Answer> {
  const {_meta, notify, signal} = context.mcpReq
  const ends = gone ? [signal, gone] : [signal]
  const started = Date.now()
  const stop = () => job.stop()
  for (const end of ends) end.addEventListener('abort', stop)
  if (ends.some(({aborted}) => aborted)) stop()
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
    for (const end of ends) end.removeEventListener('abort', stop)
    clearInterval(progress)
    clearTimeout(timer)
  }
}

function stillRuns({activity, handle, session = handle}: Job): Answer {
  return {data: {session, status: 'running', activity, next: `wait ${JSON.stringify({session})}`}}
}
