import type {Config} from '@oclif/core'
import {Failure, isFailure} from '../errors/failure.js'
import type {HandOff, HandOffQuestion} from '../turn/context.js'
import {runHook} from './run-hook.js'

/** Asks the plugin that reads conversations what is carried of one into a new one. Undefined where there is none. Throws a Failure. */
export async function askHandOff(config: Config, question: HandOffQuestion): Promise<HandOff | undefined> {
  const {answers, failures} = await runHook<HandOff>(config, 'history:handoff', question, TIMEOUT_MS)
  for (const {error, message, plugin} of failures)
    throw isFailure(error) ? error : new Failure('session', `${plugin} failed on history:handoff: ${message}`)
  return answers[0]?.answer
}

/** A long conversation is read. */
const TIMEOUT_MS = 300_000
