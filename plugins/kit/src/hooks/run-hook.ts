import type {Config, Interfaces} from '@oclif/core'
import {oneLine} from '../format/text.js'
import {messageOf} from '../errors/failure.js'

/** What plugins gave back for a hook, and which of them failed. */
export interface HookAnswers<Answer> {
  readonly answers: readonly {readonly plugin: string; readonly answer: Answer}[]
  readonly failures: readonly HookFailure[]
}

export interface HookFailure {
  /** Its name; several with `or` between them where it cannot be told which one. */
  readonly plugin: string
  /** One line. */
  readonly message: string
  /** What was thrown, where something was. */
  readonly error?: unknown
}

/**
 * Runs a hook of all plugins side by side. Never rejects, and resolves at most 500 ms after `ms` milliseconds.
 * `undefined` means no answer.
 */
export async function runHook<Answer>(
  config: Config,
  event: string,
  about: object,
  ms: number,
): Promise<HookAnswers<Answer>> {
  const listening = [...config.plugins.values()].filter(({hooks}) => (hooks[event]?.length ?? 0) > 0)
  if (listening.length === 0) return {answers: [], failures: []}
  // A timer of our own: oclif's does not keep Node alive, and does not limit the import of a module.
  const running = config.runHook(event, {...about}, ms, true) as Promise<Interfaces.Hook.Result<Answer>>
  const late = `its module does not load within ${ms / 1000} s`
  const result = await withTimeout(ms + LOAD_GRACE_MS, running, late).catch(messageOf)
  if (typeof result === 'string') {
    const plugin = listening.map(({name}) => name).join(' or ')
    return {answers: [], failures: [{plugin, message: result}]}
  }

  const {failures, successes} = result
  const silent = listening.filter((plugin) => {
    const ran = [...successes, ...failures].filter((end) => end.plugin.name === plugin.name)
    return ran.length < plugin.hooks[event]!.length
  })
  return {
    answers: successes.flatMap(({plugin, result: answer}) =>
      answer === undefined || answer === null ? [] : [{plugin: plugin.name, answer}],
    ),
    failures: [
      ...failures.map(({error, plugin}) => ({plugin: plugin.name, message: whatFailed(error, ms), error})),
      ...silent.map(({name}) => ({plugin: name, message: 'its module exports no function'})),
    ],
  }
}

function whatFailed(error: unknown, ms: number): string {
  const message = oneLine(messageOf(error))
  return message === `Timed out after ${ms} ms.` ? `it did not finish within ${ms / 1000} s` : message
}

/** Longer than oclif's own limit, which can name the plugin that is late. */
const LOAD_GRACE_MS = 500

/** Emits an event to plugins. One that fails or hangs is named by `notice` and ends nothing. */
export async function emitEvent(
  config: Config,
  event: string,
  about: object,
  notice: (message: string) => void,
): Promise<void> {
  const {failures} = await runHook(config, event, about, LISTENER_MS)
  for (const {message, plugin} of failures) notice(`${plugin} failed on ${event}: ${message}`)
}

const LISTENER_MS = 5000

/** Waits for a piece of work at most so many milliseconds, then rejects with this message. */
export async function withTimeout<T>(
  ms: number,
  work: T | PromiseLike<T>,
  message = `it did not finish within ${ms / 1000} s`,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(message)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
