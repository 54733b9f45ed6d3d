import type {SessionQuestion, TurnSessionRecord} from 'clinvk-kit/turn/context'
import {sessionOfTurn} from '../lifecycle/session-of-turn.js'

/** Answers `turn:session`. Throws a Failure. */
export default function turnSession(question: SessionQuestion): Promise<TurnSessionRecord> {
  return Promise.resolve(sessionOfTurn(question))
}
