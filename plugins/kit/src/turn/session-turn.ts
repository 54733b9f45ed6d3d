import type {BackendEntry} from '../backends/discover.js'
import {Failure} from '../errors/failure.js'
import {quoteCommand} from '../format/text.js'
import {isRecorded} from './agent-records.js'
import type {ForkedConversation, HandOff, TurnContext, TurnHooks, TurnSessionRecord} from './context.js'
import {backendOf} from './prepare.js'
import {isGiven, type TurnRequest} from './request.js'
import {modelNamed} from './resolve-options.js'

/** A request, and the session that it is sent in. */
export interface SessionTurn {
  readonly request: TurnRequest
  readonly session?: TurnSessionRecord
  readonly handOff?: HandOff
}

/**
 * The turn on a session of which it is not known whether its agent has recorded the first prompt: as it was asked where
 * the agent has, else a new conversation with that prompt in front. Throws a Failure where tools would run twice.
 */
export async function resumeOrRestart(
  request: TurnRequest,
  session: TurnSessionRecord,
  context: TurnContext,
): Promise<SessionTurn> {
  const {backend, backendSessionId: id, state, unconfirmed, workingDir: cwd} = session.continues!
  const entry = backendOf(backend, context)
  const isKnown = id !== undefined && (await isRecorded(entry, {id, cwd, state}, context)) !== false
  if (!unconfirmed || isKnown) return {request, session}
  const {title} = entry.descriptor
  const shortId = session.id.slice(0, 8)
  const {prompt} = request
  if (unconfirmed.hasRunTools && !(request.session.kind === 'named' && request.session.restart)) {
    const again = ['clinvk', 'resume', shortId, '--restart', prompt.length > 200 ? '…' : prompt]
    throw new Failure(
      'session',
      `${title} has recorded nothing of session ${shortId}, in which tools have run.`,
      [`Start it again with its first prompt, so that they may run twice: ${quoteCommand(again)}`],
    )
  }

  const given = Object.entries(request).filter(([, value]) => isGiven(value))
  const notice = `${title} has recorded nothing of session ${shortId}: it starts again with its first prompt.`
  return {
    request: {
      ...unconfirmed.options,
      ...(Object.fromEntries(given) as unknown as TurnRequest),
      // Typed once more, or sent again after a limit.
      prompt: unconfirmed.prompt === prompt ? prompt : `${unconfirmed.prompt}\n\n${prompt}`,
    },
    session: {
      ...session,
      continues: {backend, workingDir: cwd, unconfirmed},
      notices: [...session.notices, notice],
    },
  }
}

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
  const handOff = await handOffFor(from, entry, {model, prompt}, (question) =>
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

/**
 * What is handed to the agent of `entry`; undefined where it makes the copy itself. `model` is as the user wrote it. Throws
 * a Failure.
 */
export async function handOffFor(
  from: ForkedConversation,
  entry: BackendEntry,
  {model, prompt}: {readonly model?: string; readonly prompt: string},
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
