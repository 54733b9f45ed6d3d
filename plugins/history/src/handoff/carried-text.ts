import type {DraftMessage} from 'clinvk-contract'

/** A conversation as the beginning of a prompt, for an agent that cannot be given a record. */
export function textOf(messages: readonly DraftMessage[]): string {
  const said = messages.map(({role, text}) => `${role === 'user' ? 'User' : 'Assistant'}: ${text}`)
  return `What was said before:\n\n${said.join('\n\n')}\n\nThe user continues:`
}
