import {Failure} from '../errors/failure.js'
import {quoteCommand} from '../format/text.js'
import {isRecorded} from './agent-records.js'
import type {TurnContext, TurnSessionRecord} from './context.js'
import {backendOf, type SessionTurn} from './prepare.js'
import {isGiven, type TurnRequest} from './request.js'

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
