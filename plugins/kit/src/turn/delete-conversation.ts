import {tmpdir} from 'node:os'
import type {Backend, Conversation} from 'clinvk-contract'
import {askAgent} from '../backends/ask-agent.js'
import {type BackendEntry, unknownBackend} from '../backends/discover.js'
import {findExecutable} from '../backends/find-executable.js'
import {Failure} from '../errors/failure.js'
import {quoteCommand} from '../format/text.js'
import {agentFiles} from './agent-files.js'
import type {TurnContext} from './context.js'
import {recordedTurns} from './recorded-turns.js'

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

  const backend = await entry.load()
  if (backend.forget) return (conversation) => deleteConversation(entry, backend, env, conversation)
  throw new Failure('refused', `The backend ${name} cannot delete what its agent keeps.`, [WITHOUT_AGENT])
}

async function deleteConversation(
  entry: BackendEntry,
  backend: Backend,
  env: TurnContext['env'],
  conversation: Conversation,
): Promise<DeletedConversation> {
  const {directories = [], executable, title} = entry.descriptor
  const files = agentFiles(directories, env)
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
    const ask = askAgent(entry, {cwd: conversation.cwd, env})
    if (!isDeleted && (await recordedTurns(backend, conversation, files, ask))) {
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
  const backend = await entry?.load()
  if (!entry || !backend?.neededBy) return []
  const files = agentFiles(entry.descriptor.directories ?? [], env)
  const found = new Set<string>()
  const add = async (id: string) => {
    for (const fork of await backend.neededBy!({...conversation, id}, files)) {
      if (found.has(fork) || fork === conversation.id) continue
      found.add(fork)
      await add(fork)
    }
  }
  await add(conversation.id)
  return [...found].reverse()
}

const WITHOUT_AGENT = 'Or leave out --agent: then the record of the agent stays.'
