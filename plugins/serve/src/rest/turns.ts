import type {Context} from 'hono'
import type {ContentfulStatusCode} from 'hono/utils/http-status'
import type {PromptRequest, RunRequest, RunTaskData} from 'clinvk-kit/for-plugins/kit'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import type * as z from 'zod'
import {type RunnerResult, SILENT} from '../core/turn-runner.js'
import {errorAnswer, ServerFailure} from '../core/errors.js'
import type {ServeEnv} from '../http/door.js'
import {answerTo} from '../http/failed.js'
import {type EventStream, eventStream} from '../http/sse.js'
import {type Call, route} from './route.js'
import {chainBody, compareBody, parallelBody, promptBody} from './schemas.js'

/** Routes that run turns. */
export const turnRoutes = [
  route({
    method: 'post',
    path: '/api/v1/prompt',
    summary: 'Send a prompt.',
    body: promptBody,
    streams: true,
    handle(call) {
      const request = promptOf(call.body)
      if (call.body.metadata) call.c.header('x-clinvk-ignored', 'metadata')
      if (call.body.detach) return detached(call, request)
      return call.body.stream || call.body.output_format === 'stream-json'
        ? streamed(call, request)
        : answered(call, request)
    },
  }),
  route({
    method: 'post',
    path: '/api/v1/parallel',
    summary: 'Run many prompts at the same time.',
    body: parallelBody,
    streams: true,
    handle: (call) =>
      run(call, {kind: 'parallel', file: {...withoutStream(call.body), tasks: call.body.tasks.map(taskOf)}}),
  }),
  route({
    method: 'post',
    path: '/api/v1/chain',
    summary: 'Run prompts one after the other; each may use the answer of the one before.',
    body: chainBody,
    streams: true,
    handle: (call) =>
      run(call, {kind: 'chain', file: {...withoutStream(call.body), steps: call.body.steps.map(taskOf)}}),
  }),
  route({
    method: 'post',
    path: '/api/v1/compare',
    summary: 'Send one prompt to several backends.',
    body: compareBody,
    streams: true,
    handle(call) {
      const {
        backends,
        ephemeral,
        from,
        prompt,
        sequential,
        stream: _,
        workdir,
        working_dir: other,
        ...options
      } = call.body
      return run(call, {
        kind: 'compare',
        backends,
        ephemeral,
        from,
        prompt,
        sequential,
        options,
        directory: directoryOf(workdir, other),
      })
    },
  }),
]

function promptOf(body: z.output<typeof promptBody>): PromptRequest {
  const {
    at,
    detach,
    ephemeral,
    fork,
    metadata: _meta,
    name,
    output_format: _format,
    prompt,
    session,
    stream,
    tags,
    workdir,
    working_dir: other,
    ...options
  } = body
  const kinds = [session !== undefined, fork !== undefined, ephemeral === true].filter(Boolean).length
  if (kinds > 1)
    throw new ServerFailure('usage', 'Only one of session, fork and ephemeral can be given.', [], 'usage')
  if (at !== undefined && fork === undefined) throw new ServerFailure('usage', 'at needs fork.', [], 'usage')
  if (detach && (stream || ephemeral))
    throw new ServerFailure('usage', 'What runs detached is kept, and sends no events.', [], 'usage')
  const all = typeof tags === 'string' ? [tags] : (tags ?? [])
  const asked: PromptRequest['session'] = ephemeral
    ? {kind: 'ephemeral'}
    : session !== undefined
      ? {kind: 'named', reference: session, tags: all}
      : fork !== undefined
        ? {kind: 'fork', reference: fork, at, name, tags: all}
        : {kind: 'new', fresh: true, name, tags: all}
  return {...options, prompt, session: asked, workdir: directoryOf(workdir, other)}
}

function taskOf(task: z.output<typeof parallelBody>['tasks'][number]): unknown {
  if (typeof task === 'string') return task
  const {metadata, meta = metadata, workdir, working_dir: other, ...fields} = task
  return {...fields, meta, workdir: directoryOf(workdir, other)}
}

function directoryOf(workdir: string | undefined, other: string | undefined): string | undefined {
  if (workdir && other && workdir !== other)
    throw new ServerFailure('usage', 'workdir and working_dir differ.', [], 'usage')
  return workdir || other || undefined
}

function withoutStream<Body extends {stream?: boolean | undefined}>({stream: _, ...body}: Body) {
  return body
}

async function answered({c, door}: Call, request: PromptRequest): Promise<Response> {
  let hasStarted = false
  const result = await door.runner.prompt(request, c.get('client'), {
    ...SILENT,
    start: () => void (hasStarted = true),
  })
  return asJson(c, result, hasStarted)
}

function asJson(c: Context<ServeEnv>, result: RunnerResult, hasStarted: boolean): Response {
  if (result.session_id !== undefined) {
    c.set('session', result.session_id)
    c.header('x-clinvk-session', result.session_id)
  }
  if (!result.error) return c.json(result)
  const {headers, status} = errorAnswer(result.error, c.req.path, hasStarted)
  return c.json(
    {...result, error: {...result.error, code: result.error.code ?? result.error.kind}},
    status as ContentfulStatusCode,
    {...headers},
  )
}

/** Answers once the turn runs; its client may leave. */
async function detached({c, door}: Call, request: PromptRequest): Promise<Response> {
  const client = {...c.get('client'), gone: new AbortController().signal}
  return new Promise((resolve, reject) => {
    let hasStarted = false
    const start: TurnOutput['start'] = ({backend, sessionId}) => {
      hasStarted = true
      c.set('session', sessionId)
      resolve(c.json({session_id: sessionId, backend, status: 'running'}, 202))
    }
    const turn = door.runner.prompt(request, client, {...SILENT, needsContent: false, start})
    turn.then((result) => resolve(asJson(c, result, hasStarted)), reject)
  })
}

/** The events of `-o stream-json`; what went wrong before the agent started has its HTTP status. */
function streamed({c, door}: Call, request: PromptRequest): Promise<Response> {
  let session: string | undefined
  const headers = (): Record<string, string> => (session === undefined ? {} : {'x-clinvk-session': session})
  return eventStream(
    c,
    async (stream) => {
      const about = {hasStarted: false}
      const lines = eventLines(stream, {version: 1})
      const result = await door.runner.prompt(request, c.get('client'), {
        ...lines,
        start(turn) {
          about.hasStarted = true
          session = turn.sessionId
          c.set('session', session)
          lines.start(turn)
        },
        done: (result) => (about.hasStarted || stream.isOpen ? lines.done(result) : undefined),
      })
      return about.hasStarted || !result.error ? undefined : asJson(c, result, false)
    },
    {headers},
  )
}

/** Each thing that happens in a turn as an event; `each`: fields of every one. */
function eventLines(stream: EventStream, first: object = {}, each: object = {}): TurnOutput {
  let next = {...first, ...each}
  let held: string[] | undefined = []
  let session: string | undefined
  const line = (type: string, fields: object) => {
    const all = {...next, ...fields, type}
    next = each
    return stream.send(JSON.stringify(all))
  }
  return {
    needsContent: true,
    start({sessionId}) {
      session = sessionId
      const notices = held ?? []
      held = undefined
      for (const message of notices) void line('notice', {message})
    },
    event: (event) => line(event.type, event.type === 'session' ? {...event, session_id: session} : event),
    // The stream begins with the first event, and then an error has no status of its own any more.
    notice: (message) => (held ? void held.push(message) : void line('notice', {message})),
    done: (result) => line('done', result),
  }
}

async function run(call: Call<{stream?: boolean | undefined}>, request: RunRequest): Promise<Response> {
  const {body, c, door} = call
  if (!body.stream) return c.json(await door.runner.run(request, c.get('client')))
  const about = ({label, number}: RunTaskData) => ({task: number, task_id: label})
  return eventStream(c, async (stream) => {
    try {
      const data = await door.runner.run(
        request,
        c.get('client'),
        (task) => eventLines(stream, {}, about(task)),
        {
          started: (id, tasks) =>
            void stream.send(JSON.stringify({type: 'run', version: 1, run_id: id, tasks: tasks.map(about)})),
          notice: (message) => void (stream.isOpen && stream.send(JSON.stringify({type: 'notice', message}))),
        },
      )
      await stream.send(JSON.stringify({...data, type: 'run_done'}))
      return undefined
    } catch (error) {
      if (!stream.isOpen) throw error
      await stream.send(JSON.stringify({type: 'error', ...answerTo(error, c.req.path).body}))
      return undefined
    }
  })
}
