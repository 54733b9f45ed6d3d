import {tmpdir} from 'node:os'
import type {Conversation} from 'clinvk-contract'
import {askAgent} from '../backends/ask-agent.js'
import {type BackendEntry, unknownBackend} from '../backends/discover.js'
import {findExecutable} from '../backends/find-executable.js'
import {Failure, isFailure, messageOf} from '../errors/failure.js'
import {quoteCommand} from '../format/text.js'
import type {Env} from '../io.js'
import {recordedTurns, recordsOf} from './agent-records.js'
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
  const {title} = entry.descriptor
  const {ask, backend, files} = await recordsOf(entry, {cwd: to, env})
  if (!backend.move) return `Whether ${title} resumes a conversation in another directory is not known.`
  const isMoved = await backend.move(conversation, to, files, ask).catch((error: unknown) => {
    if (isFailure(error)) throw error
    throw new Failure('unavailable', `The record of ${title} cannot be moved: ${messageOf(error)}`)
  })
  if (isMoved || isUnconfirmed) return undefined
  throw new Failure('session', `${title} has no record of the conversation, so it cannot be moved.`, [
    'Start a new session in the other directory.',
  ])
}

export interface DeletedConversation {
  /** Whether the agent had a record, which is deleted now; `not installed`: only the agent could tell, and delete it. */
  readonly removed: boolean | 'not installed'
  /** What of the conversation is left, a sentence each. */
  readonly notes: readonly string[]
}

/**
 * Gives what deletes an agent's own record of a conversation. Throws a Failure, before anything is deleted, when
 * nothing can.
 */
export async function conversationDeleter(
  name: string,
  {backends, env}: Pick<TurnContext, 'backends' | 'env'>,
): Promise<(conversation: Conversation) => Promise<DeletedConversation>> {
  const entry = backends.get(name)
  if (!entry) {
    const {hints, message} = unknownBackend(name, backends)
    throw new Failure('unavailable', message, [...hints, WITHOUT_AGENT])
  }

  if ((await entry.load()).forget) return (conversation) => deleteConversation(conversation, entry, env)
  throw new Failure('refused', `The backend ${name} cannot delete what its agent keeps.`, [WITHOUT_AGENT])
}

async function deleteConversation(
  conversation: Conversation,
  entry: BackendEntry,
  env: Env,
): Promise<DeletedConversation> {
  const {executable, title} = entry.descriptor
  const records = await recordsOf(entry, {cwd: conversation.cwd, env})
  const {backend, files} = records
  const notes: string[] = []
  const command = backend.deleteCommand?.(conversation)
  const isMissing = command !== undefined && !findExecutable(entry, env)
  let isDeleted = false
  if (isMissing) {
    const later = quoteCommand([executable, ...command.args])
    notes.push(`${title} is not installed; what it keeps apart from files stays. Later: ${later}`)
  } else if (command) {
    const answer = await askAgent(entry, {cwd: tmpdir(), env})(command)
    isDeleted = answer?.code === 0
    if (!isDeleted && (await recordedTurns(conversation, records))) {
      const output = `${answer?.stdout ?? ''}${answer?.stderr ?? ''}`.trim().split('\n').at(-1)
      throw new Failure('session', `${title} does not delete its record: ${output || 'it gives no answer'}`, [
        'Is it open there? Close it and try again.',
      ])
    }
  }

  const {removed, stays} = await backend.forget!(conversation, files)
  if (stays !== undefined) notes.push(`${title} keeps ${stays}.`)
  return {removed: isDeleted || removed.length > 0 || (isMissing && 'not installed'), notes}
}

/**
 * The conversations that an agent could not read or resume without this one, and those that could not without them,
 * each after the ones that need it.
 */
export async function dependentConversations(
  name: string,
  conversation: Conversation,
  {backends, env}: Pick<TurnContext, 'backends' | 'env'>,
): Promise<string[]> {
  const entry = backends.get(name)
  if (!entry) return []
  const {backend, files} = await recordsOf(entry, {cwd: conversation.cwd, env})
  const found = new Set<string>()
  const add = async (id: string) => {
    for (const fork of (await backend.neededBy?.({...conversation, id}, files)) ?? []) {
      if (found.has(fork) || fork === conversation.id) continue
      found.add(fork)
      await add(fork)
    }
  }
  await add(conversation.id)
  return [...found].reverse()
}

const WITHOUT_AGENT = 'Or leave out --agent: then the record of the agent stays.'
