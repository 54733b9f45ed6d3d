import type {Conversation, InteractiveWish, Program} from 'clinvk-contract'
import {UNNESTED} from './unnested.js'

/**
 * Codex 0.169.0 on a thread. Without `--no-daemon` it leaves a server behind that
 * holds the thread, so that no later turn could go on with it. And a thread keeps
 * the rights of its last turn, which under clinvk were those of an agent that
 * nobody can be asked for: here a person sits, so codex begins with the least and asks.
 */
export function interactive({id}: Conversation, {model}: InteractiveWish): Program {
  return {
    kind: 'program',
    args: [
      'resume',
      '--no-daemon',
      '--sandbox',
      'read-only',
      '--ask-for-approval',
      'on-request',
      ...(model === undefined ? [] : ['--model', model]),
      id,
    ],
    env: UNNESTED,
  }
}
