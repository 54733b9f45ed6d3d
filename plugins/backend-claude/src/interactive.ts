import type {Conversation, InteractiveWish, Program} from 'clinvk-contract'
import {UNNESTED} from './unnested.js'

/** Claude Code 2.1.197 goes on with a conversation in the directory that it was made in, and asks for what needs approval. */
export function interactive({id}: Conversation, {model}: InteractiveWish): Program {
  return {
    kind: 'program',
    args: ['--resume', id, ...(model === undefined ? [] : ['--model', model])],
    env: UNNESTED,
  }
}
