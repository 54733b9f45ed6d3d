import type {Interfaces} from '@oclif/core'
import type {History} from 'clinvk-kit/for-plugins/history'
import type {Kit} from 'clinvk-kit/for-plugins/kit'
import type {Sessions} from 'clinvk-kit/for-plugins/sessions'
import {Failure} from 'clinvk-kit/errors/failure'

/** What clinvk gives to plugins. */
export interface Clinvk {
  readonly kit: Kit
  readonly sessions: Sessions
  readonly history: History
}

/** Asks clinvk for all that the doors use. Throws a Failure where this clinvk is too old, or lacks a plugin. */
export async function askClinvk(config: Interfaces.Config): Promise<Clinvk> {
  const [kit, sessions, history] = await Promise.all(
    ['kit', 'sessions', 'history'].map((hook) => answerOf(config, hook)),
  )
  return {kit, sessions, history} as unknown as Clinvk
}

async function answerOf(config: Interfaces.Config, hook: string): Promise<unknown> {
  const {failures, successes} = await config.runHook(hook as 'init', {} as never)
  const [failure] = failures
  if (failure) throw failure.error
  const answer = successes.map(({result}) => result as {version?: unknown} | undefined).find(Boolean)
  if (answer?.version === 1) return answer
  const found = answer ? `version ${String(answer.version)}` : 'none'
  throw new Failure(
    'config',
    `clinvk-plugin-serve needs version 1 of the hook ${hook}, and this clinvk has ${found}.`,
    ['Update clinvk: npm install -g clinvk'],
  )
}
