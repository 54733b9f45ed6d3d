import type {History} from 'clinvk-kit/for-plugins/history'
import type {Sessions, ShownData} from 'clinvk-kit/for-plugins/sessions'
import {isFailure} from 'clinvk-kit/errors/failure'
import type {SessionRequest} from 'clinvk-kit/turn/request'
import {BadRequest, type ChatRequest, lastQuestion, type Message} from './chat-request.js'
import {firstPrompt} from './document.js'
import {forkPoint} from './fork-point.js'
import {chainOf, hashOf, messageHash} from './hashes.js'
import type {KnownTurn, KnownTurns} from './known-turns.js'
import type {NamedModel} from './model-name.js'

/** What is sent, and to which session. */
export interface Decision {
  readonly session: SessionRequest
  /** Absent: that of the session. */
  readonly backend?: string
  readonly model?: string
  readonly prompt: string
  /** A conversation that no session has was put in front of the prompt. */
  readonly isImported: boolean
  /** The client's instructions are not those that the session began with. */
  readonly ignoresSystem: boolean
  /** The session that the client names, where a fork of it was made. */
  readonly root?: string
}

export interface Asked {
  readonly request: ChatRequest
  readonly model: NamedModel
  /** Whose conversations are looked through. */
  readonly client: string
  /** `X-Clinvk-Session`: a session's reference, `new` or `none`. */
  readonly explicit?: string
  /** A hash of the client's own id of the conversation. */
  readonly conversation?: string
}

export interface Memory {
  readonly sessions: Sessions
  readonly history: History
  readonly known: KnownTurns
  /** Sessions in which a turn of this server runs, or is about to. */
  readonly running: readonly string[]
}

/**
 * Which session a request belongs to. What the client names comes first; else its messages decide, as far as they were
 * said before: a session is continued only where it ends with them, and what it knows is not sent again. Throws a Failure.
 */
export async function decide(asked: Asked, memory: Memory): Promise<Decision> {
  const {explicit, model, request} = asked
  const {continues} = request
  const fresh = (session: SessionRequest) => newSession(asked, session)
  if (explicit === 'none' || (request.isEphemeral && !continues)) return fresh({kind: 'ephemeral'})
  if (explicit === 'new') return fresh(NEW)
  const reference = explicit ?? model.session ?? continues?.session
  if (reference !== undefined) return continued(asked, await shown(reference, memory.sessions), memory)
  const match = await findMatch(asked, memory)
  return (match && (await byMatch(asked, match, memory))) ?? fresh(NEW)
}

function newSession({model, request}: Asked, session: SessionRequest): Decision {
  const {messages, system} = request
  const question = lastQuestion(messages)
  const history = messages.slice(0, messages.length - question.length)
  const title = questionText(question)
  const prompt = firstPrompt(title, {history, system})
  return {
    session: session.kind === 'new' && prompt !== title ? {...session, title} : session,
    backend: model.backend,
    model: model.model,
    prompt,
    isImported: history.length > 0,
    ignoresSystem: false,
  }
}

/** A session that the client names: it is continued, unless the messages say that they belong to a fork of it. */
async function continued(asked: Asked, session: Shown, memory: Memory): Promise<Decision> {
  const {model, request} = asked
  const {backend, id} = session
  if (model.backend !== undefined && model.backend !== backend)
    throw new BadRequest(`The session ${id} is one of ${backend}, not of ${model.backend}.`, 'model')
  const turn = request.continues?.session === undefined ? undefined : request.continues.turn
  if (turn !== undefined) return afterTurn(asked, session, turn, memory)
  const match = await findMatch(asked, memory, id)
  const matched = match && (await byMatch(asked, match, memory))
  if (matched) return {...matched, root: id}
  const [last] = memory.known.find((known) => known.session === id)
  return resumed(asked, id, last)
}

/** The turn of `previous_response_id`. */
async function afterTurn(asked: Asked, session: Shown, turn: number, memory: Memory): Promise<Decision> {
  const {id} = session
  const [known] = memory.known.find((one) => one.session === id && one.turn === turn)
  if (isLast(session, turn, memory)) return resumed(asked, id, known)
  const at = turn <= countOf(session) ? await forkPoint(session, turn, known?.answer, memory) : undefined
  if (at !== undefined) return forked(asked, {session, at}, known)
  throw new BadRequest(
    `The session ${id} cannot be continued after its turn ${turn}.`,
    'previous_response_id',
    'previous_response_not_found',
  )
}

interface Match {
  readonly known: KnownTurn
  readonly session: Shown
}

/** The turn with which the conversation so far ends; of several, the one that can be continued as it is. */
async function findMatch(asked: Asked, memory: Memory, root?: string): Promise<Match | undefined> {
  const {client, conversation, model, request} = asked
  const {messages} = request
  const before = messages.slice(0, messages.length - lastQuestion(messages).length)
  if (before.length === 0) return undefined
  const found = (test: (turn: KnownTurn) => boolean) =>
    memory.known.find(
      (turn) => test(turn) && (root === undefined || turn.session === root || turn.root === root),
    )
  const chain = chainOf(client, before)
  let candidates = found((turn) => turn.chain === chain)
  const [question, answer] = before.slice(-2).map(messageHash)
  // A client that leaves out the beginning of a long conversation still has its end, and says which one it is.
  if (candidates.length === 0 && conversation !== undefined && before.length >= 2)
    candidates = found(
      (turn) => turn.conversation === conversation && turn.question === question && turn.answer === answer,
    )
  const matches: Match[] = []
  for (const known of candidates.slice(0, MOST_CANDIDATES)) {
    const session = await existing(known.session, memory.sessions)
    if (session) matches.push({known, session})
  }
  const rank = ({known, session}: Match) =>
    (model.backend === undefined || session.backend === model.backend ? 4 : 0) +
    (isLast(session, known.turn, memory) ? 2 : 0) +
    (conversation !== undefined && known.conversation === conversation ? 1 : 0)
  return matches.sort((a, b) => rank(b) - rank(a))[0]
}

/** Undefined where the agent cannot continue from there: then a new session is begun. */
async function byMatch(asked: Asked, {known, session}: Match, memory: Memory): Promise<Decision | undefined> {
  const {backend} = asked.model
  const isSame = backend === undefined || backend === session.backend
  if (isLast(session, known.turn, memory))
    return isSame ? resumed(asked, session.id, known) : forked(asked, {session}, known)
  const at = await forkPoint(session, known.turn, known.answer, memory)
  return at === undefined ? undefined : forked(asked, {session, at}, known)
}

function resumed(asked: Asked, id: string, known: KnownTurn | undefined): Decision {
  return {
    session: {kind: 'named', reference: id, tags: []},
    model: asked.model.model,
    ...onlyQuestion(asked, known),
  }
}

function forked(asked: Asked, from: {session: Shown; at?: number}, known: KnownTurn | undefined): Decision {
  return {
    session: {kind: 'fork', reference: from.session.id, at: from.at, tags: []},
    backend: asked.model.backend,
    model: asked.model.model,
    root: known?.root,
    ...onlyQuestion(asked, known),
  }
}

function onlyQuestion({request}: Asked, known: KnownTurn | undefined) {
  const {messages, system} = request
  return {
    prompt: questionText(lastQuestion(messages)),
    isImported: false,
    ignoresSystem: system !== '' && known?.system !== hashOf(system),
  }
}

function questionText(question: readonly Message[]): string {
  return question
    .map(({text}) => text)
    .filter((text) => text.trim() !== '')
    .join('\n\n')
}

async function existing(id: string, sessions: Sessions): Promise<Shown | undefined> {
  try {
    return await shown(id, sessions)
  } catch (error) {
    if (isFailure(error) && error.kind === 'session') return undefined
    throw error
  }
}

/** A session; a conversation that an agent had without clinvk is known by the reference. */
type Shown = ShownData & {readonly id: string}

async function shown(reference: string, sessions: Sessions): Promise<Shown> {
  const found = await sessions.show(reference, {brief: true})
  return {...found, id: found.id ?? reference}
}

function isLast(session: Shown, turn: number, {running}: Memory): boolean {
  return countOf(session) === turn && session.running !== true && !running.includes(session.id)
}

function countOf({turn_count: count}: ShownData): number {
  return typeof count === 'number' ? count : 0
}

const NEW: SessionRequest = {kind: 'new', fresh: true, tags: []}
const MOST_CANDIDATES = 20
