import type {Conversation} from 'clinvk-contract'
import {askAgent} from '../backends/ask-agent.js'
import {unknownBackend} from '../backends/discover.js'
import {Failure, isFailure, messageOf} from '../errors/failure.js'
import {agentFiles} from './agent-files.js'
import type {TurnContext} from './context.js'

/** A conversation that is to be resumed in another directory, given by its real path. */
export interface ConversationMove {
  readonly backend: string
  readonly conversation: Conversation
  /** Whether its agent may have recorded nothing of it: then it starts again in any directory. */
  readonly isUnconfirmed: boolean
  readonly to: string
}

/**
 * Lets the agent resume a conversation in another directory. Returns a sentence for the user where it is not known
 * whether the agent can, and throws a Failure where it cannot.
 */
export async function moveConversation(
  {backend: name, conversation, isUnconfirmed, to}: ConversationMove,
  {backends, env}: Pick<TurnContext, 'backends' | 'env'>,
): Promise<string | undefined> {
  const entry = backends.get(name)
  if (!entry) throw unknownBackend(name, backends)
  const {directories = [], title} = entry.descriptor
  const backend = await entry.load()
  if (!backend.move) return `Whether ${title} resumes a conversation in another directory is not known.`
  const ask = askAgent(entry, {cwd: to, env})
  const isMoved = await backend
    .move(conversation, to, agentFiles(directories, env), ask)
    .catch((error: unknown) => {
      if (isFailure(error)) throw error
      throw new Failure('unavailable', `The record of ${title} cannot be moved: ${messageOf(error)}`)
    })
  if (isMoved || isUnconfirmed) return undefined
  throw new Failure('session', `${title} has no record of the conversation, so it cannot be moved.`, [
    'Start a new session in the other directory.',
  ])
}
