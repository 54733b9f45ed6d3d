import {join} from 'node:path'
import type {BackendEntry} from 'clinvk-kit/backends/discover'
import type {PromptRequest} from 'clinvk-kit/for-plugins/kit'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {Clinvk} from '../core/clinvk.js'
import type {Client, TurnRunner} from '../core/turn-runner.js'
import type {ServeSettings} from '../core/settings.js'
import {Answer, type TurnPlace} from './answer.js'
import {type ChatRequest, lastQuestion, type Message} from './chat-request.js'
import {conversationId} from './conversation-id.js'
import {type Asked, type Decision, decide} from './decide.js'
import {chainOf, hashOf, messageHash} from './hashes.js'
import {KnownTurns} from './known-turns.js'
import {type NamedModel, parseModel} from './model-name.js'
import {Retries} from './retries.js'
import {isUiTask, withoutAgent} from './ui-task.js'

/** A request of an API that sends whole conversations. */
export interface Call {
  readonly request: ChatRequest
  readonly client: Client
  /** As it was sent: to know the same request again. */
  readonly body: unknown
  readonly path: string
  header(name: string): string | undefined
}

export interface Answered {
  readonly answer: Answer
  /** What a client is told besides: `x-clinvk-history`, `x-clinvk-ignored`. The session is in `answer.place`. */
  readonly headers: Readonly<Record<string, string>>
}

/** Answers requests that bring a conversation along, each in the session that it belongs to. */
export class Conversations {
  readonly #clinvk: Clinvk
  readonly #runner: TurnRunner
  readonly #settings: Pick<ServeSettings, 'tasks'>
  readonly #known: KnownTurns
  readonly #retries = new Retries()
  /** Sessions in which turns are about to run, or do. */
  readonly #running: string[] = []
  #deciding: Promise<unknown> = Promise.resolve()
  readonly #headers = new WeakMap<Answer, Answered['headers']>()

  constructor({
    clinvk,
    runner,
    settings,
  }: {
    clinvk: Clinvk
    runner: TurnRunner
    settings: Pick<ServeSettings, 'tasks'>
  }) {
    this.#clinvk = clinvk
    this.#runner = runner
    this.#settings = settings
    this.#known = new KnownTurns(join(clinvk.kit.home, 'serve/conversations.jsonl'))
  }

  /** The same request, sent again, gets the same answer. Throws a Failure where nothing is to be run. */
  async ask(call: Call): Promise<Answered> {
    const answer = await this.#retries.answer(retryKey(call), () => this.#begin(call))
    return {answer, headers: this.#headers.get(answer) ?? {}}
  }

  async #begin(call: Call): Promise<Answer> {
    const {client, request} = call
    const {backends} = await this.#clinvk.kit.lookAround()
    const model = parseModel(request.model, backends)
    if (isUiTask(request)) return this.#uiTask(call, model, backends.get(model.backend ?? ''))
    const conversation = conversationId(client.id, call.header.bind(call), request.conversationId)
    const asked = {request, model, client: client.id, explicit: call.header('x-clinvk-session'), conversation}
    const decision = await this.#decide(asked)
    const {backend, prompt, session} = decision
    const sent: PromptRequest = {prompt, session, backend, model: decision.model, schema: request.schema}
    const answer = this.#run(sent, call, async (ended) => {
      try {
        await this.#remember(ended, decision, {call, conversation})
      } finally {
        const place = session.kind === 'named' ? this.#running.indexOf(session.reference) : -1
        if (place >= 0) this.#running.splice(place, 1)
      }
    })
    this.#headers.set(answer, headersOf(request, decision))
    return answer
  }

  /** One after the other: of two requests with the same conversation, only one can continue its session. */
  #decide(asked: Asked): Promise<Decision> {
    const decided = this.#deciding.then(async () => {
      const decision = await decide(asked, {...this.#clinvk, known: this.#known, running: this.#running})
      if (decision.session.kind === 'named') this.#running.push(decision.session.reference)
      return decision
    })
    this.#deciding = decided.catch(() => undefined)
    return decided
  }

  /** What a chat program wants to know for itself leaves no session. */
  #uiTask(call: Call, {backend, model}: NamedModel, entry?: BackendEntry): Answer {
    const {request} = call
    const {capabilities, models} = entry?.descriptor ?? {capabilities: {}}
    const isHarmless = capabilities.ephemeral === true && capabilities.sandbox?.includes('read-only') === true
    if (this.#settings.tasks === 'off' || !isHarmless)
      return localAnswer(withoutAgent(request), backend ?? '')
    const prompt = [request.system, ...lastQuestion(request.messages).map(({text}) => text)]
      .filter(Boolean)
      .join('\n\n')
    const sent: PromptRequest = {
      prompt,
      session: {kind: 'ephemeral'},
      backend,
      model: models?.fast === undefined ? model : 'fast',
      sandbox_mode: 'read-only',
      schema: request.schema,
    }
    return this.#run(sent, call)
  }

  #run(
    sent: PromptRequest,
    {client}: Call,
    end: (answer: Answer) => Promise<void> = () => Promise.resolve(),
  ): Answer {
    const given = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined))
    return new Answer(
      (gone, output) => this.#runner.prompt(given as PromptRequest, {...client, gone}, output),
      {place: (turn) => this.#placeOf(turn), end},
    )
  }

  async #placeOf({backend, sessionId}: {backend: string; sessionId?: string}): Promise<TurnPlace> {
    if (sessionId === undefined) return {backend}
    try {
      const {turn_count: count} = await this.#clinvk.sessions.show(sessionId, {brief: true})
      return {backend, session: sessionId, turn: (typeof count === 'number' ? count : 0) + 1}
    } catch {
      // It could not be written, so it cannot be continued.
      return {backend}
    }
  }

  /** Writes down what the client knows of the session now, so that its next request finds it. */
  async #remember(
    {place, text}: Answer,
    decision: Decision,
    {call: {client, request}, conversation}: {call: Call; conversation?: string},
  ): Promise<void> {
    if (place?.session === undefined) return
    const answered: Message[] = text === '' ? [] : [{role: 'assistant', text}]
    // A question without an answer is asked again, in the same session.
    const said =
      text === '' ? request.messages.slice(0, -lastQuestion(request.messages).length) : request.messages
    const messages = [...said, ...answered]
    const chain = chainOf(client.id, messages).at(-1)
    if (chain === undefined) return
    const [question, answer] = messages.slice(-2).map(messageHash)
    const {turn_count: count} = await this.#clinvk.sessions.show(place.session, {brief: true})
    await this.#known.add({
      session: place.session,
      backend: place.backend,
      turn: typeof count === 'number' ? count : place.turn!,
      chain,
      question: question!,
      answer: answer ?? '',
      system: hashOf(request.system),
      conversation,
      root: decision.root,
    })
  }
}

/** An answer that needs no agent. */
function localAnswer(content: string, backend: string): Answer {
  const result = {
    content,
    outcome: 'success' as const,
    backend,
    exit_code: 0,
    duration_seconds: 0,
    denials: [],
  }
  return new Answer(
    async (_gone, output: TurnOutput) => {
      output.start({backend})
      await output.done(result)
    },
    {place: () => Promise.resolve({backend}), end: () => Promise.resolve()},
  )
}

function retryKey(call: Call) {
  const {body, client, path} = call
  const header = call.header.bind(call)
  const count = Number(header('x-stainless-retry-count'))
  const conversation = [header('x-clinvk-session'), conversationId(client.id, header)].join(' ')
  return {
    client: client.id,
    path,
    body: JSON.stringify(body),
    conversation,
    retryCount:
      header('x-stainless-retry-count') !== undefined && Number.isInteger(count) ? count : undefined,
  }
}

function headersOf({ignored}: ChatRequest, {ignoresSystem, isImported}: Decision): Record<string, string> {
  const names = [...ignored, ...(ignoresSystem ? ['system'] : [])].filter((name) =>
    /^[\w.-]{1,64}$/.test(name),
  )
  return {
    ...(names.length > 0 && {'x-clinvk-ignored': names.slice(0, MOST_IGNORED).join(', ')}),
    ...(isImported && {'x-clinvk-history': 'imported'}),
  }
}

const MOST_IGNORED = 30
