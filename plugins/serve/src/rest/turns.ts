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
      const {detach, metadata, output_format: format, stream} = call.body
      const request = promptOf(call.body)
      if (metadata) call.c.header('x-clinvk-ignored', 'metadata')
      if (detach || !(stream || format === 'stream-json')) return answered(call, request, detach)
      return streamed(call, request)
    },
  }),
  route({
    method: 'post',
    path: '/api/v1/parallel',
    summary: 'Run many prompts at the same time.',
    body: parallelBody,
    streams: true,
    handle(call) {
      const {stream: _, tasks, ...file} = call.body
      return run(call, {kind: 'parallel', file: {...file, tasks: tasks.map(taskOf)}})
    },
  }),
  route({
    method: 'post',
    path: '/api/v1/chain',
    summary: 'Run prompts one after the other; each may use the answer of the one before.',
    body: chainBody,
    streams: true,
    handle(call) {
      const {steps, stream: _, ...file} = call.body
      return run(call, {kind: 'chain', file: {...file, steps: steps.map(taskOf)}})
    },
  }),
  route({
    method: 'post',
    path: '/api/v1/compare',
    summary: 'Send one prompt to several backends.',
    body: compareBody,
    streams: true,
    handle(call) {
      const {stream: _, workdir, working_dir: other, ...body} = call.body
      const {backends, ephemeral, from, prompt, sequential, ...options} = body
      const directory = directoryOf(workdir, other)
      return run(call, {kind: 'compare', backends, ephemeral, from, prompt, sequential, options, directory})
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
    tags = [],
    workdir,
    working_dir: other,
    ...options
  } = body
  if ([session, fork, ephemeral || undefined].filter((kind) => kind !== undefined).length > 1)
    throw new ServerFailure('usage', 'Only one of session, fork and ephemeral can be given.', [], 'usage')
  if (at !== undefined && fork === undefined) throw new ServerFailure('usage', 'at needs fork.', [], 'usage')
  if (detach && (stream || ephemeral))
    throw new ServerFailure('usage', 'What runs detached is kept, and sends no events.', [], 'usage')
  const asked: PromptRequest['session'] = ephemeral
    ? {kind: 'ephemeral'}
    : session !== undefined
      ? {kind: 'named', reference: session, tags}
      : fork !== undefined
        ? {kind: 'fork', reference: fork, at, name, tags}
        : {kind: 'new', fresh: true, name, tags}
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

/** Detached, it answers once the turn runs; its client may leave. */
function answered({c, door}: Call, request: PromptRequest, isDetached = false): Promise<Response> {
  const client = c.get('client')
  const gone = isDetached ? new AbortController().signal : client.gone
  let hasStarted = false
  return new Promise((resolve, reject) => {
    const start: TurnOutput['start'] = ({backend, sessionId}) => {
      hasStarted = true
      if (!isDetached) return
      c.set('session', sessionId)
      resolve(c.json({session_id: sessionId, backend, status: 'running'}, 202))
    }
    const output = {...SILENT, needsContent: !isDetached, start}
    const turn = door.runner.prompt(request, {...client, gone}, output)
    turn.then((result) => resolve(asJson(c, result, hasStarted)), reject)
  })
}

function asJson(c: Context<ServeEnv>, result: RunnerResult, hasStarted: boolean): Response {
  c.set('session', result.session_id)
  if (!result.error) return c.json(result)
  const {headers, status} = errorAnswer(result.error, c.req.path, hasStarted)
  return c.json(
    {...result, error: {...result.error, code: result.error.code ?? result.error.kind}},
    status as ContentfulStatusCode,
    {...headers},
  )
}

/** The events of `-o stream-json`; what went wrong before the agent started has its HTTP status. */
function streamed({c, door}: Call, request: PromptRequest): Promise<Response> {
  return eventStream(c, async (stream) => {
    const about = {hasStarted: false}
    const lines = eventLines(stream, {version: 1})
    const result = await door.runner.prompt(request, c.get('client'), {
      ...lines,
      start(turn) {
        about.hasStarted = true
        c.set('session', turn.sessionId)
        lines.start(turn)
      },
      done: (result) => (about.hasStarted || stream.isOpen ? lines.done(result) : undefined),
    })
    return about.hasStarted || !result.error ? undefined : asJson(c, result, false)
  })
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
