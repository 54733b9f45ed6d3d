import type {PromptFlags} from 'clinvk-kit/flags'
import {Failure} from 'clinvk-kit/errors/failure'
import {
  type SessionRequest,
  type TurnRequest,
  turnOptionsFrom,
  type TurnOptionFlags,
} from 'clinvk-kit/turn/request'

/** Flags as a request: plain data, nothing looked up yet. */
export function turnRequest(prompt: string, flags: PromptFlags): TurnRequest {
  const options = turnOptionsFrom(({flag}) => flags[flag as keyof TurnOptionFlags])
  return {...options, prompt, session: sessionRequest(flags)}
}

function sessionRequest({
  continue: goOn,
  ephemeral,
  name,
  new: fresh,
  session,
  tag: tags = [],
}: PromptFlags): SessionRequest {
  if (tags.some((tag) => tag.trim() === '')) throw new Failure('usage', 'A tag must not be empty.')
  if (ephemeral) return {kind: 'ephemeral'}
  if (session !== undefined) return {kind: 'named', reference: session, tags}
  if (goOn) return {kind: 'continue', tags}
  return {kind: 'new', fresh, tags, name}
}
