import type {Config, Interfaces} from '@oclif/core'
import {Failure} from 'clinvk-kit/failure'
import {tell} from 'clinvk-kit/tell'
import type {SessionAnswer, TurnHooks} from 'clinvk-kit/turn/hooks'

interface TurnHookTypes extends Interfaces.Hooks {
  'turn:session': {options: Record<string, unknown>; return: SessionAnswer}
  'turn:guard': {options: Record<string, unknown>; return: {refuse?: {message: string}} | undefined}
}

/** The hooks of a turn, answered and heard by oclif plugins. `notice` gets what goes wrong in a listener. */
export function turnHooks(config: Config, notice: (message: string) => void): TurnHooks {
  const ask = async <E extends 'turn:session' | 'turn:guard'>(event: E, question: object) => {
    const {failures, successes} = await config.runHook<E, TurnHookTypes>(
      event,
      {...question},
      undefined,
      true,
    )
    const [failure] = failures
    if (failure) throw brokenPlugin(event, failure)
    return successes.flatMap(({plugin, result}) =>
      result === undefined ? [] : [{plugin: plugin.name, answer: result}],
    )
  }

  return {
    async session(question) {
      const answers = await ask('turn:session', question)
      if (answers.length > 1) {
        const names = answers.map(({plugin}) => plugin).join(' and ')
        throw new Failure('config', `Two plugins want to keep the sessions: ${names}.`, [
          'Remove one: clinvk plugins uninstall NAME',
        ])
      }

      return answers[0]?.answer
    },

    async guard(question) {
      for (const {answer, plugin} of await ask('turn:guard', question)) {
        if (answer.refuse) return {plugin, message: answer.refuse.message}
      }

      return undefined
    },

    tell: ({event, ...about}) => tell(config, event, about, notice),
  }
}

/** A guard that breaks lets nothing pass, and a session that breaks is not silently another one. */
function brokenPlugin(event: string, {error, plugin}: {error: Error; plugin: {name: string}}): Failure {
  if (event === 'turn:session')
    return new Failure('internal', `${plugin.name} failed on ${event}: ${error.stack ?? error.message}`)
  return new Failure(
    'refused',
    `${plugin.name} failed on ${event}, so the turn does not run: ${error.message}`,
    [`Without it: clinvk plugins uninstall ${plugin.name}`],
  )
}
