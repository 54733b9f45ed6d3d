import type {Conversation, InteractiveWish, Program} from 'clinvk-contract'
import {isLostState} from './lost.js'
import {UNNESTED} from './unnested.js'

/**
 * Gemini CLI 0.61.0 asks itself whether it may trust the directory, and starts
 * anew after the answer: unlike in a turn, it keeps the parent process that does this.
 */
export function interactive(conversation: Conversation, {model}: InteractiveWish): Program {
  return {
    kind: 'program',
    args: [
      isLostState(conversation.state) ? '--session-id' : '--resume',
      conversation.id,
      ...(model === undefined ? [] : ['--model', model]),
    ],
    env: UNNESTED,
  }
}
