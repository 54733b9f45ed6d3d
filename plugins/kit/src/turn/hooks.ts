import type {Config} from '@oclif/core'
import {Failure, isFailure, isSystemError} from '../errors/failure.js'
import {isRecord} from '../format/is-record.js'
import {emitEvent, runHook} from '../hooks/run-hook.js'
import type {HandOff, HandOffQuestion, TurnHooks, TurnSessionRecord} from './context.js'

/** The hooks and events of a turn, which go to oclif plugins. `notice` gets what fails in a listener. */
export function turnHooks(config: Config, notice: (message: string) => void): TurnHooks {
  return {
    async session(question) {
      const {
        answers: [answer, other],
        failures: [failure],
      } = await runHook<TurnSessionRecord>(config, 'turn:session', question, ANSWER_MS)
      if (failure) {
        const {error, message, plugin} = failure
        if (isFailure(error) || isSystemError(error)) throw error
        const cause = error instanceof Error ? error.stack : message
        throw new Failure('internal', `${plugin} failed on turn:session: ${cause ?? message}`)
      }
      if (other)
        throw new Failure('config', `Two plugins keep sessions: ${answer!.plugin} and ${other.plugin}.`, [
          'Remove one: clinvk plugins uninstall NAME',
        ])
      return answer?.answer
    },
    async guard(question) {
      const {
        answers,
        failures: [failure],
      } = await runHook<unknown>(config, 'turn:guard', question, ANSWER_MS)
      if (failure) throw brokenGuard(failure.plugin, failure.message)
      for (const {answer, plugin} of answers) {
        const {refuse} = isRecord(answer) ? answer : {refuse: false}
        if (refuse === undefined) continue
        if (isRecord(refuse) && typeof refuse.message === 'string') return {plugin, message: refuse.message}
        throw brokenGuard(plugin, 'its answer is invalid')
      }
      return undefined
    },
    async restore(conversation) {
      const {answers, failures} = await runHook<string>(config, 'history:restore', conversation, ANSWER_MS)
      for (const {message} of failures) notice(message)
      return answers[0]?.answer
    },
    handOff: (question) => askHandOff(config, question),
    emit: ({event, ...about}) => emitEvent(config, event, about, notice),
  }
}

/** Asks the plugin that reads conversations what is carried of one into a new one. Undefined where there is none. Throws a Failure. */
export async function askHandOff(config: Config, question: HandOffQuestion): Promise<HandOff | undefined> {
  const {answers, failures} = await runHook<HandOff>(config, 'history:handoff', question, HAND_OFF_MS)
  for (const {error, message, plugin} of failures)
    throw isFailure(error) ? error : new Failure('session', `${plugin} failed on history:handoff: ${message}`)
  return answers[0]?.answer
}

/** A guard that fails lets nothing pass. */
function brokenGuard(plugin: string, why: string): Failure {
  return new Failure('refused', `${plugin} failed on turn:guard, so the turn does not run: ${why}`, [
    `Without it: clinvk plugins uninstall ${plugin}`,
  ])
}

/** A guard may ask a person or a server. */
const ANSWER_MS = 30_000
/** A long conversation is read. */
const HAND_OFF_MS = 300_000
