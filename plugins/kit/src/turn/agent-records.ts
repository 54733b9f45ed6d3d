import {tmpdir} from 'node:os'
import type {
  Ask,
  Backend,
  Conversation,
  ConversationRecord,
  Files,
  RecordedTurn,
  Usage,
} from 'clinvk-contract'
import {askAgent} from '../backends/ask-agent.js'
import {type BackendEntry, unknownBackend} from '../backends/discover.js'
import {findExecutable} from '../backends/find-executable.js'
import {Failure, isFailure, messageOf} from '../errors/failure.js'
import {quoteCommand} from '../format/text.js'
import type {Env} from '../io.js'
import {agentFiles} from './agent-files.js'
import type {TurnContext} from './context.js'
import {addUsage, withTotal} from './usage.js'

/** A backend, with what it reads and changes its agent's records by. */
export interface AgentRecords {
  readonly backend: Backend
  readonly files: Files
  readonly ask: Ask
}

/**
 * `cwd`: where the agent's program is started to be asked; without it, it is not. With `onUnreadable`, what cannot be read
 * is as if it was empty.
 */
export async function recordsOf(
  entry: BackendEntry,
  {cwd, env, stop}: {readonly cwd?: string; readonly env: Env; readonly stop?: AbortSignal},
  onUnreadable?: (error: unknown) => void,
): Promise<AgentRecords> {
  const files = agentFiles(entry.descriptor.directories ?? [], env, onUnreadable)
  const ask = cwd === undefined ? () => Promise.resolve(undefined) : askAgent(entry, {cwd, env, stop})
  return {backend: await entry.load(), files, ask}
}

/** Whether an agent has a conversation with its prompt, so that it can resume it; undefined where it cannot tell just now. */
export async function isRecorded(
  entry: BackendEntry,
  conversation: Conversation,
  {env}: Pick<TurnContext, 'env'>,
  stop?: AbortSignal,
): Promise<boolean | undefined> {
  try {
    const {ask, backend, files} = await recordsOf(entry, {cwd: conversation.cwd, env, stop})
    return (await backend.isResumable?.(conversation, files, ask)) ?? true
  } catch {
    return undefined
  }
}

/** The turns of a conversation by the agent's own record; undefined when there is none, or none that can be read. */
export async function recordedTurns(
  conversation: Conversation,
  {ask, backend, files}: AgentRecords,
): Promise<ConversationRecord | undefined> {
  const {history} = backend
  if (!history) return backend.record?.(conversation, files, ask)
  const [found] = await history.conversations(files, ask, conversation)
  if (!found) return undefined
  const turns: {startedAt: string; endedAt: string; model?: string; usage?: Usage}[] = []
  let {state} = found.about ?? {}
  for await (const entry of history.transcript(found, files, ask)) {
    if (entry.type === 'about' && entry.about.state !== undefined) ({state} = entry.about)
    if (entry.type === 'about' || entry.type === 'end') continue
    const {at} = entry
    if (entry.type === 'text' && entry.role === 'user') turns.push({startedAt: at, endedAt: at})
    const turn = turns.at(-1)
    if (!turn) continue
    if (Date.parse(at) > Date.parse(turn.endedAt)) turn.endedAt = at
    if (entry.subAgent === undefined) turn.model = entry.model ?? turn.model
    if (entry.type !== 'call') continue
    turn.usage = addUsage(turn.usage, {
      input_tokens: entry.inputTokens,
      output_tokens: entry.outputTokens,
      cached_tokens: entry.cachedTokens,
      reasoning_tokens: entry.reasoningTokens,
    })
  }

  return {
    turns: turns.map((turn): RecordedTurn => ({...turn, usage: turn.usage && withTotal(turn.usage)})),
    state,
  }
}

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
