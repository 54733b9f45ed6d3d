import type {Config} from '@oclif/core'
import {isRecord} from 'clinvk-kit/format/is-record'
import {Failure, isFailure} from 'clinvk-kit/errors/failure'
import {runHook, type HookFailure, emitEvent} from 'clinvk-kit/hooks/run-hook'
import type {TurnSessionRecord, TurnHooks} from 'clinvk-kit/turn/context'

/** The hooks of a turn, answered and heard by oclif plugins. `notice` gets what goes wrong in a listener. */
export function turnHooks(config: Config, notice: (message: string) => void): TurnHooks {
  return {
    async session(question) {
      const {answers, failures} = await runHook<TurnSessionRecord>(
        config,
        'turn:session',
        question,
        ANSWER_MS,
      )
      const [failure] = failures
      if (failure) throw isFailure(failure.error) ? failure.error : brokenKeeper(failure)
      if (answers.length > 1) {
        const names = answers.map(({plugin}) => plugin).join(' and ')
        throw new Failure('config', `Two plugins keep sessions: ${names}.`, [
          'Remove one: clinvk plugins uninstall NAME',
        ])
      }

      return answers[0]?.answer
    },

    async guard(question) {
      const {answers, failures} = await runHook<unknown>(config, 'turn:guard', question, ANSWER_MS)
      const [failure] = failures
      if (failure) throw brokenGuard(failure)
      for (const {answer, plugin} of answers) {
        const message = refusalOf(answer)
        if (message === false) throw brokenGuard({plugin, message: 'its answer is invalid'})
        if (message !== undefined) return {plugin, message}
      }

      return undefined
    },

    tell: ({event, ...about}) => emitEvent(config, event, about, notice),
  }
}

/** Why a guard refuses; undefined when it does not, false when nobody can tell. */
function refusalOf(answer: unknown): string | undefined | false {
  if (!isRecord(answer)) return false
  const {refuse} = answer
  if (refuse === undefined) return undefined
  return isRecord(refuse) && typeof refuse.message === 'string' && refuse.message
}

/** A session that breaks is not silently another one. */
function brokenKeeper({error, message, plugin}: HookFailure): Failure {
  const stack = error instanceof Error ? error.stack : undefined
  return new Failure('internal', `${plugin} failed on turn:session: ${stack ?? message}`)
}

/** A guard that breaks lets nothing pass. */
function brokenGuard({message, plugin}: HookFailure): Failure {
  return new Failure('refused', `${plugin} failed on turn:guard, so the turn does not run: ${message}`, [
    `Without it: clinvk plugins uninstall ${plugin}`,
  ])
}

/** Milliseconds; a guard may ask somebody on the network. */
const ANSWER_MS = 30_000
