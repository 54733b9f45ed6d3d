import {isFailure} from 'clinvk-kit/errors/failure'
import type {PromptRequest, RunCall, RunData, RunRequest, RunTaskData} from 'clinvk-kit/for-plugins/kit'
import type {IO} from 'clinvk-kit/io'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import {forwardedOutput} from 'clinvk-kit/turn/held-output'
import type {TurnError, TurnResult} from 'clinvk-kit/turn/result'
import type {Clinvk} from './clinvk.js'
import {type Fields, type Limits, runWithin, within} from './ceilings.js'
import {Directories} from './directories.js'
import {type ErrorCode, ServerFailure} from './errors.js'
import {Queue, SessionLocks} from './queue.js'
import {SILENT} from './silent-output.js'
import type {ServeSettings} from './settings.js'

/** Whoever asks for a turn: a request over HTTP, or a call of a tool. */
export interface Client {
  /** A hash of the token: the same after a restart. */
  readonly id: string
  /** Tells programs apart that have the same token, so that each gets its turn in the queue. Default: `id`. */
  readonly lane?: string
  /** Aborts when the client has gone away, or wants no answer any more; then its turn is cancelled. */
  readonly gone: AbortSignal
  /** How many turns of clinvk it runs inside: 0, the default, where no agent of clinvk has started it. */
  readonly depth?: number
}

/** Runs turns for clients: within the ceilings that the user has set, and no more at the same time than the queue allows. */
export interface TurnRunner {
  /** What went wrong is in the result; a turn that was refused, or for which there is no room, is one, too. */
  prompt(request: PromptRequest, client: Client, output: TurnOutput): Promise<RunnerResult>
  /** Throws a Failure where nothing was started. */
  run(
    request: RunRequest,
    client: Client,
    output?: (task: RunTaskData) => TurnOutput,
    call?: Pick<RunCall, 'started' | 'notice'>,
  ): Promise<RunData>
}

/** A result whose error says more than its kind. */
export type RunnerResult = Omit<TurnResult, 'error'> & {
  readonly error?: TurnError & {readonly code?: ErrorCode}
}

/** The same for who starts and ends it. */
export interface StoppableTurnRunner extends TurnRunner {
  /** From now on nothing is taken any more. */
  close(): void
  /** Ends all that runs and waits, as SIGTERM does; hurried: without waiting for agents to end in order. */
  cancel(isHurried?: boolean): void
  /** Resolves once nothing runs. */
  empty(): Promise<void>
}

/** `io`: where and in which environment the server was started. */
export function turnRunner(
  clinvk: Clinvk,
  settings: ServeSettings,
  io: Pick<IO, 'cwd' | 'env'>,
): StoppableTurnRunner {
  const {kit, sessions} = clinvk
  const hurry = new AbortController()
  const directories = new Directories(settings, io.cwd)
  const limits: Limits = {settings, directories, lookAround: (directory) => kit.lookAround(directory)}
  const queue = new Queue(settings.max_turns, settings.max_waiting)
  const locks = new SessionLocks()
  const controllers = new Set<AbortController>()
  let isClosed = false
  let onEmpty: (() => void) | undefined
  // What is meant for the server is not for agents.
  const secrets = Object.keys(io.env).filter((name) => name.startsWith('CLINVK_SERVE_'))
  const withoutSecrets = Object.fromEntries(secrets.map((name) => [name, undefined]))

  async function during<T>({gone}: Client, task: (stop: AbortController) => Promise<T>): Promise<T> {
    if (isClosed) throw closing()
    const controller = new AbortController()
    const leave = () => controller.abort('SIGTERM')
    gone.addEventListener('abort', leave, {once: true})
    if (gone.aborted) leave()
    controllers.add(controller)
    try {
      return await task(controller)
    } finally {
      gone.removeEventListener('abort', leave)
      controllers.delete(controller)
      if (controllers.size === 0) onEmpty?.()
    }
  }

  /** The session that a prompt continues, which must be one of a directory that clients may use. */
  async function sessionOf({backend: wanted, session}: PromptRequest) {
    if (session === undefined || session.kind === 'new' || session.kind === 'ephemeral') return undefined
    const reference = session.kind === 'continue' ? '@last' : session.reference
    const {backend, id = reference, working_dir: directory} = await sessions.show(reference)
    directories.check(directory, `The directory of session ${id.slice(0, 8)}`)
    const isSame = session.kind !== 'fork'
    // Another agent may continue a copy.
    const isOther = !isSame && typeof wanted === 'string' && wanted !== ''
    return {id, backend: isOther ? wanted : backend, directory, isSame}
  }

  async function prompt(request: PromptRequest, client: Client, output: TurnOutput): Promise<RunnerResult> {
    return during(client, async (stop) => {
      const {prompt, session, ...fields} = request
      const known = await sessionOf(request)
      const allowed: Fields = await within(fields, limits, known)
      const unlock = known?.isSame ? await locks.take(known.id, stop.signal) : undefined
      let leave: (() => void) | undefined
      let code: ErrorCode | undefined
      try {
        leave = await queue.enter(client.lane ?? client.id, 1, stop.signal)
        const watched: TurnOutput = {
          ...forwardedOutput(output),
          start(turn) {
            try {
              checkAgain(allowed, known?.directory)
            } catch (error) {
              code = (error as ServerFailure).code
              throw error
            }
            output.start(turn)
          },
          async done(result) {
            code ??= isClosed && result.outcome === 'cancelled' ? 'shutdown' : await codeOf(result, known?.id)
            await output.done(withCode(result, code))
          },
        }
        const turn = {...allowed, prompt, session: sessionRequest(session, known?.id)}
        const env = environment(client, withoutSecrets)
        return withCode(
          await kit.prompt(turn, {output: watched, stop: stop.signal, hurry: hurry.signal, env}),
          code,
        )
      } finally {
        leave?.()
        unlock?.()
      }
    })
  }

  /** A link may have been put in the place of a directory since it was checked: a turn may have waited for long. */
  function checkAgain({add_dirs: more, workdir}: Fields, usual = directories.usual): void {
    directories.check(workdir || usual, 'workdir')
    if (Array.isArray(more)) for (const path of more) directories.check(path, 'add_dirs')
  }

  /** What the kind alone does not say. */
  async function codeOf({error}: TurnResult, session: string | undefined): Promise<ErrorCode | undefined> {
    if (error?.kind !== 'session' || session === undefined) return undefined
    const found = await sessions.show(session).catch(() => undefined)
    return found && (found.running === true ? 'session_busy' : 'session_gone')
  }

  return {
    async prompt(request, client, output) {
      try {
        return await prompt(request, client, output)
      } catch (error) {
        if (!isFailure(error)) throw error
        const told = withCode(kit.failed(error), (error as {code?: ErrorCode}).code)
        await output.done(told)
        return told
      }
    },
    async run(request, client, output = () => SILENT, call) {
      return during(client, async ({signal: stop}) => {
        const from = request.kind === 'compare' ? request.from : undefined
        const known =
          from === undefined
            ? undefined
            : await sessionOf({prompt: '', session: {kind: 'fork', reference: from, tags: []}})
        const {fieldsOf, places, request: allowed} = await runWithin(request, limits)
        const leave = await queue.enter(client.lane ?? client.id, places, stop)
        const watched = (task: RunTaskData): TurnOutput => {
          const inner = output(task)
          return {
            ...forwardedOutput(inner),
            start(turn) {
              checkAgain(fieldsOf(task.number), known?.directory)
              inner.start(turn)
            },
          }
        }
        try {
          const env = environment(client, withoutSecrets)
          return await kit.run(allowed, {...call, output: watched, stop, hurry: hurry.signal, env})
        } finally {
          leave()
        }
      })
    },
    close: () => void (isClosed = true),
    cancel(isHurried = false) {
      for (const controller of controllers) controller.abort('SIGTERM')
      if (isHurried) hurry.abort('SIGTERM')
    },
    empty: () => (controllers.size === 0 ? Promise.resolve() : new Promise((resolve) => (onEmpty = resolve))),
  }
}

/** A new session is one, whatever `session.auto_resume` says; what continues is what was checked. */
function sessionRequest(
  session: PromptRequest['session'],
  id: string | undefined,
): NonNullable<PromptRequest['session']> {
  if (session === undefined) return {kind: 'new', fresh: true, tags: []}
  if (session.kind === 'new') return {...session, fresh: true}
  if (session.kind === 'continue') return {kind: 'named', reference: id!, tags: session.tags}
  return session.kind === 'ephemeral' ? session : {...session, reference: id!}
}

function withCode<Result extends TurnResult>(result: Result, code: ErrorCode | undefined): Result {
  return result.error && code !== undefined ? {...result, error: {...result.error, code}} : result
}

/** So that an agent that asks clinvk for an agent, which asks for another one, is stopped (`mcp/depth.ts`). */
function environment({depth = 0}: Client, more: Readonly<Record<string, undefined>>) {
  return {...more, CLINVK_DEPTH: String(depth + 1)}
}

function closing(): ServerFailure {
  return new ServerFailure(
    'shutdown',
    'The server is ending and takes nothing any more.',
    ['Try again later.'],
    'cancelled',
  )
}
