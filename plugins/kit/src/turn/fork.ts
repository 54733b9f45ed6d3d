import type {BackendEntry} from '../backends/discover.js'
import {Failure} from '../errors/failure.js'
import type {ForkedConversation, HandOff, TurnContext, TurnHooks, TurnSessionRecord} from './context.js'
import {backendOf, type SessionTurn} from './prepare.js'
import type {TurnRequest} from './request.js'
import {modelNamed} from './resolve-options.js'

/**
 * The first turn of a session on a copy of a conversation: the agent's own fork where it has one, else the conversation
 * is handed to it, as a record of its own or in front of the prompt. Throws a Failure; nothing has been written.
 */
export async function forkTurn(
  request: TurnRequest,
  session: TurnSessionRecord,
  from: ForkedConversation,
  context: TurnContext,
): Promise<SessionTurn> {
  const {prompt} = request
  const entry = backendOf(request.backend ?? from.backend, context)
  const {name: backend} = entry
  // A model of one agent means nothing to another.
  const model = request.model ?? (backend === from.backend ? from.model : undefined)
  const handOff = await handOffFor({from, entry, model, prompt}, (question) =>
    context.hooks.handOff(question),
  )
  const {conversation, notice, text} = handOff ?? {}
  const continued = handOff
    ? {backendSessionId: conversation?.id, state: conversation?.state}
    : {backendSessionId: from.backendSessionId, state: from.state, isFork: true}
  return {
    handOff,
    request: {...request, backend, model, prompt: text === undefined ? prompt : `${text}\n\n${prompt}`},
    session: {
      ...session,
      notices: notice === undefined ? session.notices : [notice, ...session.notices],
      continues: {backend, workingDir: from.workingDir, ...continued},
    },
  }
}

interface ForkRequest {
  readonly from: ForkedConversation
  /** Who is to continue it. */
  readonly entry: BackendEntry
  /** As the user wrote it. */
  readonly model?: string
  readonly prompt: string
}

/** What is handed to the agent; undefined where it makes the copy itself. Throws a Failure. */
export async function handOffFor(
  {entry, from, model, prompt}: ForkRequest,
  ask: TurnHooks['handOff'],
): Promise<HandOff | undefined> {
  const {descriptor, name: backend} = entry
  const isWhole = backend === from.backend && from.at === undefined && from.backendSessionId !== undefined
  const isFork = isWhole && descriptor.capabilities.fork === true
  if (isFork && !(await entry.load()).history?.copy) return undefined
  const {promptBytes = Infinity} = descriptor.limits ?? {}
  const handOff = await ask({
    from,
    backend,
    model: model === undefined ? undefined : modelNamed(model, descriptor),
    isCopy: isFork,
    promptRoom: promptBytes - Buffer.byteLength(prompt) - ROOM_AROUND,
  })
  if (handOff) return handOff
  throw new Failure('session', 'No plugin reads conversations, so none can be handed over.')
}

/** Bytes for what stands between the conversation and the prompt. */
const ROOM_AROUND = 200
