import type {Conversation, InteractiveWish, Program, Refusal} from 'clinvk-contract'
import {withoutProvider} from './model.js'

/** opencode's own interface on a conversation. */
export function interactive({id}: Conversation, {model}: InteractiveWish): Program | Refusal {
  const refused = withoutProvider(model)
  if (refused) return refused
  return {
    kind: 'program',
    args: ['--session', id, ...(model === undefined ? [] : ['--model', model])],
  }
}
