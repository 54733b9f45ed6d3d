import {join} from 'node:path'
import type {Context} from 'hono'
import type {BackendEntry} from 'clinvk-kit/backends/discover'
import type {Client, ClientPrompt} from '../core/turn-runner.js'
import type {Door, ServeEnv} from '../http/door.js'
import {Answer} from './answer.js'
import type {ChatRequest} from './chat-request.js'
import {type Asked, type Decision, decide} from './decide.js'
import {chainOf, conversationId, hashOf, messageHash} from './hashes.js'
import {KnownTurns} from './known-turns.js'
import {type NamedModel, parseModel} from './model-name.js'
import {Retries} from './retries.js'
import {isUiTask, withoutAgent} from './ui-task.js'

/** Answers requests that bring a conversation along, each in the session that it belongs to. */
export class Conversations {
  readonly #door: Pick<Door, 'clinvk' | 'runner' | 'settings'>
  readonly #known: KnownTurns
  readonly #retries = new Retries()
  /** Sessions in which turns are about to run, or do. */
  readonly #running: string[] = []
  #deciding: Promise<unknown> = Promise.resolve()

  constructor(door: Pick<Door, 'clinvk' | 'runner' | 'settings'>) {
    this.#door = door
    this.#known = new KnownTurns(join(door.clinvk.kit.home, 'serve/conversations.jsonl'))
  }

  /** The same request, sent again, gets the same answer. Throws a Failure where nothing is to be run. */
  ask(c: Context<ServeEnv>, request: ChatRequest, body: unknown): Promise<Answer> {
    const client = c.get('client')
    const header = (name: string) => c.req.header(name)
    const explicit = header('x-clinvk-session')
    const conversation = conversationId(client.id, header, request.conversationId)
    const key = hashOf(client.id, c.req.path, JSON.stringify(body), explicit ?? '', conversation ?? '')
    const count = Number(header('x-stainless-retry-count') ?? NaN)
    const begin = () => this.#begin(client, {request, explicit, conversation})
    return this.#retries.answer(key, Number.isInteger(count) ? count : undefined, begin)
  }

  async #begin(client: Client, about: Pick<Asked, 'request' | 'explicit' | 'conversation'>): Promise<Answer> {
    const {request} = about
    const {kit, ...data} = this.#door.clinvk
    const {backends} = await kit.lookAround()
    const model = parseModel(request.model, backends)
    if (isUiTask(request)) return this.#uiTask(client, request, model, backends.get(model.backend ?? ''))
    const asked = {...about, ...data, model, client: client.id, known: this.#known, running: this.#running}
    const decision = await this.#decide(asked)
    const {prompt, session} = decision
    const sent: ClientPrompt = {
      prompt,
      session,
      // A session that is continued has one.
      backend: session.kind === 'named' ? undefined : model.backend,
      model: model.model,
      schema: request.schema,
    }
    const end = async (answer: Answer) => {
      try {
        await this.#remember(answer, decision, asked)
      } finally {
        if (session.kind === 'named') this.#running.splice(this.#running.indexOf(session.reference), 1)
      }
    }
    return this.#run(client, sent, end, headersOf(request, decision))
  }

  /** One after the other: of two requests with the same conversation, only one can continue its session. */
  #decide(asked: Asked): Promise<Decision> {
    const decided = this.#deciding.then(async () => {
      const decision = await decide(asked)
      if (decision.session.kind === 'named') this.#running.push(decision.session.reference)
      return decision
    })
    this.#deciding = decided.catch(() => undefined)
    return decided
  }

  /** What a chat program wants to know for itself leaves no session. */
  #uiTask(client: Client, request: ChatRequest, named: NamedModel, entry?: BackendEntry): Answer {
    const {backend = '', model} = named
    const {capabilities, models} = entry?.descriptor ?? {capabilities: {}}
    const isHarmless = capabilities.ephemeral === true && capabilities.sandbox?.includes('read-only') === true
    if (this.#door.settings.tasks === 'off' || !isHarmless) return localAnswer(withoutAgent(request), backend)
    const question = request.question.map(({text}) => text)
    return this.#run(client, {
      prompt: [request.system, ...question].filter(Boolean).join('\n\n'),
      session: {kind: 'ephemeral'},
      backend: named.backend,
      model: models?.fast === undefined ? model : 'fast',
      sandbox_mode: 'read-only',
      schema: request.schema,
    })
  }

  #run(client: Client, sent: ClientPrompt, end?: Answer['end'], headers?: Answer['headers']): Answer {
    const {runner} = this.#door
    return new Answer((gone, output) => runner.prompt(sent, {...client, gone}, output), end, headers)
  }

  /** Writes down what the client knows of the session now, so that its next request finds it. */
  async #remember(
    {place, text}: Answer,
    {root}: Decision,
    {client, conversation, request}: Asked,
  ): Promise<void> {
    if (place?.session === undefined) return
    // A question without an answer is asked again, in the same session.
    const answered = [...request.question, {role: 'assistant' as const, text}]
    const messages = [...request.history, ...(text === '' ? [] : answered)]
    if (messages.length === 0) return
    const [question, answer] = messages.slice(-2).map(messageHash)
    // An answer by a schema may take more than one turn.
    const {turn_count: count} = await this.#door.clinvk.sessions.show(place.session, {brief: true})
    await this.#known.add({
      session: place.session,
      turn: typeof count === 'number' ? count : place.turn!,
      chain: chainOf(client, messages),
      question: question!,
      answer: answer ?? '',
      system: hashOf(request.system),
      conversation,
      root,
    })
  }
}

function localAnswer(content: string, backend: string): Answer {
  const counted = {exit_code: 0, duration_seconds: 0, denials: []}
  return new Answer(async (_gone, output) => output.done({content, backend, outcome: 'success', ...counted}))
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
