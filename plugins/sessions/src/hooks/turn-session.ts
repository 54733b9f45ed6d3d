import {isFailure} from 'clinvk-kit/errors/failure'
import type {SessionAnswer, SessionQuestion} from 'clinvk-kit/turn/context'
import {sessionOfTurn} from '../lifecycle/session-of-turn.js'

/** Answers `turn:session`. A failure is returned, not thrown: what a hook throws is lost on its way. */
export default function turnSession(question: SessionQuestion): Promise<SessionAnswer> {
  try {
    return Promise.resolve({kind: 'session', session: sessionOfTurn(question)})
  } catch (error) {
    if (!isFailure(error)) throw error
    const {hints, kind, message} = error
    return Promise.resolve({kind: 'error', error: {kind, message, hints}})
  }
}
