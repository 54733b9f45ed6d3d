import type {Context} from 'hono'
import {Failure} from 'clinvk-kit/errors/failure'
import type {RunTaskData} from 'clinvk-kit/for-plugins/kit'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {TurnResult} from 'clinvk-kit/turn/result'
import type * as z from 'zod'
import type {ClientRun} from '../core/ceilings.js'
import {errorAnswer, failed} from '../core/errors.js'
import {type ClientPrompt, SILENT, type TurnRunner} from '../core/turn-runner.js'
import type {Door, ServeEnv} from '../http/door.js'
import {type Route, route} from '../http/route.js'
import {type EventStream, eventStream} from '../http/sse.js'
import {chainBody, compareBody, parallelBody, promptBody} from './schemas.js'

export function turnRoutes({runner}: Door): Route[] {
  return [
    route('POST /api/v1/prompt', 'Send a prompt.', {body: promptBody, streams: true}, ({body, c}) => {
      const {detach, output_format: format, stream} = body
      const request = promptOf(body)
      return stream || (format === 'stream-json' && !detach)
        ? streamed(c, runner, request)
        : answered(c, runner, request, detach)
    }),
    route(
      'POST /api/v1/parallel',
      'Run many prompts at the same time.',
      {body: parallelBody, streams: true},
      ({body: {stream, tasks, ...file}, c}) =>
        run(c, runner, {kind: 'parallel', file, tasks: tasks.map(taskOf)}, stream),
    ),
    route(
      'POST /api/v1/chain',
      'Run prompts one after the other; each may use the answer of the one before.',
      {body: chainBody, streams: true},
      ({body: {steps, stream, ...file}, c}) =>
        run(c, runner, {kind: 'chain', file, tasks: steps.map(taskOf)}, stream),
    ),
    route(
      'POST /api/v1/compare',
      'Send one prompt to several backends.',
      {body: compareBody, streams: true},
      ({body: {stream, workdir, working_dir: other, ...body}, c}) => {
        const {backends, ephemeral, from, prompt, sequential, ...more} = body
        const options = {...more, workdir: directoryOf(workdir, other)}
        const asked = {backends, ephemeral, from, prompt, sequential, options}
        return run(c, runner, {kind: 'compare', ...asked}, stream)
      },
    ),
  ]
}

function promptOf(body: z.output<typeof promptBody>): ClientPrompt {
  const {
    at,
    detach,
    ephemeral,
    fork,
    metadata,
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
    throw new Failure('usage', 'Only one of session, fork and ephemeral can be given.')
  if (at !== undefined && fork === undefined)
    throw new Failure('usage', 'at can only be given together with fork.')
  if (detach && (stream || ephemeral))
    throw new Failure('usage', 'detach can be combined neither with stream nor with ephemeral.')
  const asked: ClientPrompt['session'] = ephemeral
    ? {kind: 'ephemeral'}
    : session !== undefined
      ? {kind: 'named', reference: session, tags, metadata}
      : fork !== undefined
        ? {kind: 'fork', reference: fork, at, name, tags, metadata}
        : {kind: 'new', fresh: true, name, tags, metadata}
  return {...options, prompt, session: asked, workdir: directoryOf(workdir, other)}
}

function taskOf(task: z.output<typeof parallelBody>['tasks'][number]) {
  if (typeof task === 'string') return {prompt: task}
  const {metadata, meta = metadata, workdir, working_dir: other, ...fields} = task
  return {...fields, meta, workdir: directoryOf(workdir, other)}
}

function directoryOf(workdir: string | undefined, other: string | undefined): string | undefined {
  if (workdir && other && workdir !== other) throw new Failure('usage', 'workdir and working_dir differ.')
  return workdir || other || undefined
}

/** Detached, it answers once the turn runs; its client may leave. */
function answered(
  c: Context<ServeEnv>,
  runner: TurnRunner,
  request: ClientPrompt,
  isDetached = false,
): Promise<Response> {
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
    const turn = runner.prompt(request, {...client, gone}, output)
    turn.then((result) => resolve(asJson(c, result, hasStarted)), reject)
  })
}

function asJson(c: Context<ServeEnv>, result: TurnResult, hasStarted: boolean): Response {
  const {error, session_id: session} = result
  c.set('session', session)
  if (!error) return c.json(result)
  return failed(c, error, hasStarted, {...result, error: {...error, code: error.code ?? error.kind}})
}

/** The events of `-o stream-json`; what went wrong before the agent started has its HTTP status. */
function streamed(c: Context<ServeEnv>, runner: TurnRunner, request: ClientPrompt): Promise<Response> {
  return eventStream(c, async (stream) => {
    let hasStarted = false as boolean
    const lines = eventLines(stream, {version: 1})
    const start: TurnOutput['start'] = (turn) => {
      hasStarted = true
      c.set('session', turn.sessionId)
      lines.start(turn)
    }
    const done: TurnOutput['done'] = (result) => (hasStarted ? lines.done(result) : undefined)
    const result = await runner.prompt(request, c.get('client'), {...lines, start, done})
    if (hasStarted) return undefined
    if (result.error && !stream.isOpen) return asJson(c, result, false)
    await lines.done(result)
    return undefined
  })
}

function sendEvent(stream: EventStream, type: string, fields: object): Promise<void> {
  return stream.send({...fields, type, time: new Date().toISOString()})
}

/** Each thing that happens in a turn as an event; `each`: fields of every one. */
function eventLines(stream: EventStream, first: object = {}, each: object = {}): TurnOutput {
  let next = {...first, ...each}
  let held: string[] | undefined = []
  let session: string | undefined
  const line = (type: string, fields: object) => {
    const all = {...next, ...fields}
    next = each
    return sendEvent(stream, type, all)
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

function run(
  c: Context<ServeEnv>,
  runner: TurnRunner,
  request: ClientRun,
  isStream = false,
): Promise<object> {
  const client = c.get('client')
  if (!isStream) return runner.run(request, client)
  const about = ({label, number}: RunTaskData) => ({task: number, task_id: label})
  return eventStream(c, async (stream) => {
    try {
      const data = await runner.run(request, client, (task) => eventLines(stream, {}, about(task)), {
        started: (id, tasks) =>
          void sendEvent(stream, 'run', {version: 1, run_id: id, tasks: tasks.map(about)}),
        notice: (message) => void (stream.isOpen && sendEvent(stream, 'notice', {message})),
      })
      await sendEvent(stream, 'run_done', data)
    } catch (error) {
      if (!stream.isOpen) throw error
      await sendEvent(stream, 'error', errorAnswer(error, c.req.path).body)
    }
    return undefined
  })
}
