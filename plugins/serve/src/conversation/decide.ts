import type {History} from 'clinvk-kit/for-plugins/history'
import type {Sessions, ShownData} from 'clinvk-kit/for-plugins/sessions'
import {isFailure} from 'clinvk-kit/errors/failure'
import {BadRequest} from '../core/errors.js'
import type {ClientPrompt} from '../core/turn-runner.js'
import type {ChatRequest, Message} from './chat-request.js'
import {firstPrompt} from './document.js'
import {forkPoint} from './fork-point.js'
import {chainOf, hashOf, messageHash} from './hashes.js'
import type {KnownTurn, KnownTurns} from './known-turns.js'
import type {NamedModel} from './model-name.js'

type SessionRequest = ClientPrompt['session']

export interface Decision {
  readonly session: SessionRequest
  readonly prompt: string
  /** A conversation that no session has was put in front of the prompt. */
  readonly isImported?: boolean
  /** The client's instructions are not those that the session began with. */
  readonly ignoresSystem?: boolean
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
export async function decide(asked: Asked): Promise<Decision> {
  const {explicit, model, request} = asked
  const {continues} = request
  if (explicit === 'none' || (request.isEphemeral && !continues))
    return newSession(request, {kind: 'ephemeral'})
  if (explicit === 'new') return newSession(request, NEW)
  const reference = explicit ?? model.session ?? continues?.session
  if (reference !== undefined) return continued(asked, await shown(reference, asked))
  return (await byMessages(asked)) ?? newSession(request, NEW)
}

function newSession({history, question, system}: ChatRequest, session: SessionRequest): Decision {
  const title = questionText(question)
  const prompt = firstPrompt(title, {history, system})
  return {
    session: session.kind === 'new' && prompt !== title ? {...session, title} : session,
    prompt,
    isImported: history.length > 0,
  }
}

/** A session that the client names: it is continued, unless the messages say that they belong to a fork of it. */
async function continued(asked: Asked, session: Shown): Promise<Decision> {
  const {known, model, request} = asked
  const {backend, id} = session
  if (!isOfAgent(session, model))
    throw new BadRequest(`Session ${id} belongs to ${backend}, not to ${model.backend}.`, 'model')
  const turn = request.continues?.turn
  if (turn === undefined) {
    const decision = await byMessages(asked, id)
    if (decision) return {...decision, root: id}
    const [last] = known.find((one) => one.session === id)
    return inSession(request, {kind: 'named', reference: id, tags: []}, last)
  }

  // That of `previous_response_id`.
  const [found] = known.find((one) => one.session === id && one.turn === turn)
  const decision = turn <= countOf(session) && (await continuedAfter(asked, session, turn, found))
  if (decision) return decision
  throw new BadRequest(
    `The session ${id} cannot be continued after its turn ${turn}.`,
    'previous_response_id',
    'previous_response_not_found',
  )
}

/**
 * The turn with which the conversation so far ends decides; of several, the one that can be continued as it is. `root`: the
 * session that the client names. Undefined where there is none, or its agent cannot continue from there.
 */
async function byMessages(asked: Asked, root?: string): Promise<Decision | undefined> {
  const {client, conversation, model, request} = asked
  const {history} = request
  if (history.length === 0) return undefined
  const found = (test: (turn: KnownTurn) => boolean) =>
    asked.known.find(
      (turn) => test(turn) && (root === undefined || turn.session === root || turn.root === root),
    )
  const chain = chainOf(client, history)
  let candidates = found((turn) => turn.chain === chain)
  const [question, answer] = history.slice(-2).map(messageHash)
  // A client that leaves out the beginning of a long conversation still has its end, and says which one it is.
  if (candidates.length === 0 && conversation !== undefined && answer !== undefined)
    candidates = found(
      (turn) => turn.conversation === conversation && turn.question === question && turn.answer === answer,
    )
  const matches: {known: KnownTurn; session: Shown; rank: number}[] = []
  for (const known of candidates.slice(0, MOST_CANDIDATES)) {
    const session = await existing(known.session, asked)
    if (!session) continue
    const rank =
      Number(isOfAgent(session, model)) * 4 +
      Number(isLast(session, known.turn, asked)) * 2 +
      Number(conversation !== undefined && known.conversation === conversation)
    matches.push({known, session, rank})
  }
  const [best] = matches.sort((a, b) => b.rank - a.rank)
  return best && continuedAfter(asked, best.session, best.known.turn, best.known)
}

/** In a fork where that is not the last turn, or another agent is asked. Undefined where the agent cannot continue from there. */
async function continuedAfter(
  asked: Asked,
  session: Shown,
  turn: number,
  known: KnownTurn | undefined,
): Promise<Decision | undefined> {
  const {model, request} = asked
  const {id: reference} = session
  const isAtEnd = isLast(session, turn, asked)
  if (isAtEnd && isOfAgent(session, model))
    return inSession(request, {kind: 'named', reference, tags: []}, known)
  const at = isAtEnd ? undefined : await forkPoint(session, turn, known?.answer, asked)
  if (!isAtEnd && at === undefined) return undefined
  return inSession(request, {kind: 'fork', reference, at, tags: []}, known)
}

/** A session that knows the conversation gets the question alone. */
function inSession({question, system}: ChatRequest, session: SessionRequest, known?: KnownTurn): Decision {
  const ignoresSystem = system !== '' && known?.system !== hashOf(system)
  return {session, prompt: questionText(question), ignoresSystem, root: known?.root}
}

function questionText(question: readonly Message[]): string {
  return question
    .map(({text}) => text)
    .filter((text) => text.trim() !== '')
    .join('\n\n')
}

async function existing(id: string, asked: Asked): Promise<Shown | undefined> {
  try {
    return await shown(id, asked)
  } catch (error) {
    if (isFailure(error) && error.kind === 'session') return undefined
    throw error
  }
}

/** A session; a conversation that an agent had without clinvk is known by the reference. */
type Shown = ShownData & {readonly id: string}

async function shown(reference: string, {sessions}: Asked): Promise<Shown> {
  const found = await sessions.show(reference, {brief: true})
  return {...found, id: found.id ?? reference}
}

function isOfAgent(session: Shown, {backend = session.backend}: NamedModel): boolean {
  return session.backend === backend
}

function isLast(session: Shown, turn: number, {running}: Asked): boolean {
  return countOf(session) === turn && session.running !== true && !running.includes(session.id)
}

function countOf({turn_count: count}: ShownData): number {
  return typeof count === 'number' ? count : 0
}

const NEW: SessionRequest = {kind: 'new', fresh: true, tags: []}
const MOST_CANDIDATES = 20
