import type {Clinvk} from '../../plugins/serve/src/core/clinvk.js'
import type {Client, TurnRunner} from '../../plugins/serve/src/core/turn-runner.js'
import {type ErrorCode, ServerFailure} from '../../plugins/serve/src/core/errors.js'
import type {PromptRequest} from 'clinvk-kit/for-plugins/kit'
import type {SessionData} from 'clinvk-kit/for-plugins/sessions'
import {Failure, type FailureKind} from 'clinvk-kit/errors/failure'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {SessionRequest} from 'clinvk-kit/turn/request'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {Sandbox} from './sandbox.js'

/** What the agent does in a turn. Without anything it says the prompt again. */
export interface FakeTurn {
  readonly text?: readonly string[]
  readonly reasoning?: string
  readonly error?: {kind: FailureKind; code?: ErrorCode; message: string; resets_at?: string}
  /** The error comes before an agent was started. */
  readonly isRefused?: boolean
  /** The turn waits for this. */
  readonly until?: Promise<unknown>
  readonly more?: Partial<TurnResult>
}

interface FakeSession extends SessionData {
  turn_count: number
  running: boolean
  readonly turns: {prompt: string; answer: string}[]
}

/** clinvk without agents: its sessions are in memory, and a test says what a turn does. */
export class FakeAgents extends Sandbox {
  /** All that was to be run, in order. */
  readonly sent: PromptRequest[] = []
  readonly cancelled: string[] = []
  next: (prompt: string) => FakeTurn = () => ({})
  readonly stored = new Map<string, FakeSession>()
  /** Whether a fork can be made of what the agents have recorded. */
  isRecorded = true

  /** Each test begins without sessions. */
  override forEachTest(): this {
    beforeEach(() => {
      this.sent.length = 0
      this.stored.clear()
      this.next = () => ({})
      this.isRecorded = true
    })
    return super.forEachTest()
  }

  get hooks(): Clinvk {
    const sandboxed = {ephemeral: true, sandbox: ['read-only']}
    const backends = new Map(
      ['claude', 'codex', 'echo'].map((name) => [
        name,
        {
          name,
          descriptor: {
            capabilities: name === 'echo' ? {} : sandboxed,
            models: name === 'codex' ? {fast: 'mini'} : undefined,
          },
        },
      ]),
    )
    return {
      kit: {
        home: `${this.home}/.clinvk`,
        lookAround: () => Promise.resolve({backends, settings: {backends: {}}}),
      },
      sessions: {show: (reference: string) => Promise.resolve().then(() => this.#show(reference))},
      history: {
        log: (id: string) => {
          const turns = this.isRecorded ? this.#show(id).turns : []
          const messages = turns.flatMap(({answer, prompt}, index) => [
            {turn: index + 1, role: 'user', type: 'text', text: prompt},
            {turn: index + 1, role: 'assistant', type: 'text', text: answer},
          ])
          return Promise.resolve({messages})
        },
      },
    } as unknown as Clinvk
  }

  get runner(): Pick<TurnRunner, 'prompt' | 'run'> {
    return {
      prompt: (request, client, output) => this.#prompt(request, client, output),
      run: () => Promise.reject(new Error('not here')),
    }
  }

  async #prompt(request: PromptRequest, {gone}: Client, output: TurnOutput): Promise<TurnResult> {
    this.sent.push(request)
    const turn = this.next(request.prompt)
    const base = {exit_code: 0, duration_seconds: 0, denials: [], outcome: 'success' as const}
    if (turn.isRefused) {
      const refused: TurnResult = {...base, content: '', outcome: 'failed', error: turn.error}
      await output.done(refused)
      return refused
    }
    const session = this.#sessionFor(request)
    if (session) session.running = true
    const {backend = session?.backend ?? 'echo'} = request as {backend?: string}
    output.start({backend, sessionId: session?.id, number: session && session.turn_count + 1})
    if (turn.reasoning !== undefined) await output.event({type: 'reasoning', text: turn.reasoning})
    const texts = turn.text ?? (turn.error ? [] : [`You said: ${request.prompt}`])
    for (const text of texts) await output.event({type: 'text', text})
    const stopped = new Promise((resolve) => gone.addEventListener('abort', resolve))
    if (turn.until) await Promise.race([turn.until, stopped])
    if (gone.aborted) this.cancelled.push(request.prompt)
    if (session) {
      session.turn_count++
      session.running = false
      session.turns.push({prompt: request.prompt, answer: texts.join('')})
    }
    const usage = {input_tokens: 12, output_tokens: 3, cached_tokens: 4}
    const error = gone.aborted ? {kind: 'cancelled' as const, message: 'cancelled'} : turn.error
    const ended: TurnResult = {
      ...base,
      backend,
      session_id: session?.id,
      model: `${backend}-1`,
      content: texts.join(''),
      outcome: error ? 'failed' : 'success',
      error,
      usage,
      ...turn.more,
    }
    await output.done(ended)
    return ended
  }

  #sessionFor(request: PromptRequest): FakeSession | undefined {
    const asked = request.session as SessionRequest
    if (asked.kind === 'ephemeral') return undefined
    if (asked.kind === 'named') return this.#show(asked.reference)
    const parent = asked.kind === 'fork' ? this.#show(asked.reference) : undefined
    const session: FakeSession = {
      id: String(this.stored.size + 1).padStart(32, '0'),
      backend: (request as {backend?: string}).backend ?? parent?.backend ?? 'echo',
      working_dir: this.project,
      running: false,
      turn_count: 0,
      turns: parent ? parent.turns.slice(0, (asked as {at?: number}).at) : [],
    }
    this.stored.set(session.id, session)
    return session
  }

  #show(reference: string): FakeSession {
    const found = this.stored.get(reference)
    if (!found) throw new Failure('session', `There is no session ${reference}.`)
    return found
  }
}

/** An error that the runner has, and not the agent. */
export function refusal(code: ErrorCode, message: string): FakeTurn {
  const {kind} = new ServerFailure(code, message)
  return {isRefused: true, error: {kind, code, message}}
}
