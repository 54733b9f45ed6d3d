import {isFailure} from 'clinvk-kit/errors/failure'
import type {PromptRequest, RunCall, RunData, RunTaskData} from 'clinvk-kit/for-plugins/kit'
import type {IO} from 'clinvk-kit/io'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import {forwardedOutput} from 'clinvk-kit/turn/held-output'
import type {SessionRequest} from 'clinvk-kit/turn/request'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {Ceilings, type ClientRun} from './ceilings.js'
import type {Clinvk} from './clinvk.js'
import {type ErrorCode, ServerFailure} from './errors.js'
import {Queue, SessionLocks} from './queue.js'
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

export type ClientPrompt = PromptRequest & {
  /** `fresh`: a new one is that, whatever `session.auto_resume` says. */
  readonly session: Exclude<SessionRequest, {kind: 'continue'}>
}

/** Runs turns for clients: within the ceilings that the user has set, and no more at the same time than the queue allows. */
export class TurnRunner {
  readonly #clinvk: Clinvk
  readonly #ceilings: Ceilings
  readonly #queue: Queue
  readonly #locks = new SessionLocks()
  /** What runs and waits. */
  readonly #turns = new Map<AbortController, Promise<unknown>>()
  readonly #hurry = new AbortController()
  /** What is meant for the server is not for agents. */
  readonly #withoutSecrets: Readonly<Record<string, undefined>>
  #isClosed = false

  /** `io`: where and in which environment the server was started. */
  constructor(clinvk: Clinvk, settings: ServeSettings, {cwd, env}: Pick<IO, 'cwd' | 'env'>) {
    this.#clinvk = clinvk
    this.#ceilings = new Ceilings(settings, clinvk.kit, cwd)
    const {max_turns: slots, max_waiting: mostWaiting} = settings
    const busy = (waiting: number) =>
      new ServerFailure('busy', `${slots} turns are running, and ${waiting} are waiting.`, [
        'Try again later, or allow more: clinvk config set server.max_turns N',
      ])
    this.#queue = new Queue({slots, mostWaiting, busy})
    const secrets = Object.keys(env).filter((name) => name.startsWith('CLINVK_SERVE_'))
    this.#withoutSecrets = Object.fromEntries(secrets.map((name) => [name, undefined]))
  }

  /** What went wrong is in the result; a turn that was refused, or for which there is no room, is one, too. */
  async prompt(request: ClientPrompt, client: Client, output: TurnOutput): Promise<TurnResult> {
    try {
      return await this.#during(client, (stop) => this.#prompt(request, client, output, stop))
    } catch (error) {
      if (!isFailure(error)) throw error
      const result = this.#clinvk.kit.failed(error)
      await output.done(result)
      return result
    }
  }

  /** Throws a Failure where nothing was started. */
  run(
    request: ClientRun,
    client: Client,
    output?: (task: RunTaskData) => TurnOutput,
    call?: Pick<RunCall, 'started' | 'notice'>,
  ): Promise<RunData> {
    return this.#during(client, async (stop) => {
      const from = request.kind === 'compare' ? request.from : undefined
      const known = from === undefined ? undefined : await this.#session(from)
      const allowed = await this.#ceilings.run(request)
      const ofFrom = known ? [known.directory] : []
      const asked = {
        ...call,
        output: (task: RunTaskData) =>
          this.#checked(output?.(task) ?? SILENT, [...allowed.uses(task.number), ...ofFrom]),
        ...this.#callOf(client, stop),
      }
      return this.#queue.run(client.lane ?? client.id, allowed.slots, stop, () =>
        this.#clinvk.kit.run(allowed.request, asked),
      )
    })
  }

  /** From now on every turn is refused. */
  close(): void {
    this.#isClosed = true
  }

  /** Ends all that runs and waits, as SIGTERM does; hurried: without waiting for agents to end in order. */
  cancel(isHurried = false): void {
    for (const turn of this.#turns.keys()) turn.abort('SIGTERM')
    if (isHurried) this.#hurry.abort('SIGTERM')
  }

  /** Resolves once nothing runs of what runs now. */
  async empty(): Promise<void> {
    await Promise.allSettled(this.#turns.values())
  }

  async #prompt(
    {prompt, session: asked, ...fields}: ClientPrompt,
    client: Client,
    output: TurnOutput,
    stop: AbortSignal,
  ): Promise<TurnResult> {
    const known = 'reference' in asked ? await this.#session(asked.reference) : undefined
    const allowed = await this.#ceilings.turn(fields, known)
    // What continues is what was checked.
    const session = 'reference' in asked ? {...asked, reference: known!.id} : asked
    const turn = {...allowed.fields, prompt, session}
    let code: ErrorCode | undefined
    const coded = async (result: TurnResult) =>
      withCode(result, (code ??= await this.#codeOf(result, known?.id)))
    const watched: TurnOutput = {
      ...this.#checked(output, allowed.uses),
      done: async (result) => output.done(await coded(result)),
    }
    const call = {output: watched, ...this.#callOf(client, stop)}
    const run = () =>
      this.#queue.run(client.lane ?? client.id, 1, stop, async () =>
        coded(await this.#clinvk.kit.prompt(turn, call)),
      )
    return asked.kind === 'named' ? this.#locks.run(known!.id, stop, run) : run()
  }

  async #during<T>({gone}: Client, task: (stop: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#isClosed)
      throw new ServerFailure('shutdown', 'The server is shutting down and accepts no more turns.', [
        'Try again once it runs again.',
      ])
    const turn = new AbortController()
    const leave = () => turn.abort('SIGTERM')
    gone.addEventListener('abort', leave, {once: true})
    if (gone.aborted) leave()
    const running = task(turn.signal).finally(() => {
      gone.removeEventListener('abort', leave)
      this.#turns.delete(turn)
    })
    this.#turns.set(turn, running)
    return running
  }

  /** A session, which must be one of a directory that clients may use. */
  async #session(reference: string) {
    const {backend, id = reference, working_dir: directory} = await this.#clinvk.sessions.show(reference)
    this.#ceilings.directories.check(directory, `The directory of session ${id.slice(0, 8)}`)
    return {id, backend, directory}
  }

  /** Tells `output` all, and checks directories once more before an agent starts. */
  #checked(output: TurnOutput, uses: readonly string[]): TurnOutput {
    return {
      ...forwardedOutput(output),
      start: (turn) => {
        this.#ceilings.directories.checkAgain(uses)
        output.start(turn)
      },
    }
  }

  #callOf({depth = 0}: Client, stop: AbortSignal) {
    // So that an agent that asks clinvk for an agent, which asks for another one, is stopped (`mcp/depth.ts`).
    const env = {...this.#withoutSecrets, CLINVK_DEPTH: String(depth + 1)}
    return {env, stop, hurry: this.#hurry.signal}
  }

  /** What the kind of an error alone does not say. */
  async #codeOf({error, outcome}: TurnResult, session: string | undefined): Promise<ErrorCode | undefined> {
    if (this.#isClosed && outcome === 'cancelled') return 'shutdown'
    if (error?.kind !== 'session' || session === undefined) return undefined
    const found = await this.#clinvk.sessions.show(session).catch(() => undefined)
    return found && (found.running === true ? 'session_busy' : 'session_gone')
  }
}

const ignore = () => undefined

/** The output of a turn of which only the result is used. */
export const SILENT: TurnOutput = {
  needsContent: true,
  start: ignore,
  event: ignore,
  notice: ignore,
  done: ignore,
}

function withCode(result: TurnResult, code: ErrorCode | undefined): TurnResult {
  return result.error && code !== undefined ? {...result, error: {...result.error, code}} : result
}
