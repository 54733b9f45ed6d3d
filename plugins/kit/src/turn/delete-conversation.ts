import {execFile} from 'node:child_process'
import {tmpdir} from 'node:os'
import {askAgent} from '../backends/ask-agent.js'
import type {BackendEntry} from '../backends/discover.js'
import {findExecutable} from '../backends/find-executable.js'
import type {Backend, Conversation, Files, Program} from 'clinvk-contract'
import {Failure} from '../errors/failure.js'
import {quoteCommand} from '../format/text.js'
import {agentFiles} from './agent-files.js'
import type {TurnContext} from './context.js'

export interface DeletedConversation {
  /** Whether the agent had a record, which is gone now; `not installed`: it alone could tell, and delete it. */
  readonly removed: boolean | 'not installed'
  /** What of the conversation is left, a sentence each. */
  readonly notes: readonly string[]
}

/**
 * Gives what deletes an agent's own record of a conversation. Throws a Failure,
 * before anything is deleted, when nothing can.
 */
export async function conversationDeleter(
  name: string,
  {backends, env}: Pick<TurnContext, 'backends' | 'env'>,
): Promise<(conversation: Conversation) => Promise<DeletedConversation>> {
  const entry = backends.get(name)
  if (!entry) {
    throw new Failure(
      'unavailable',
      `There is no backend named ${name}, which alone knows what its agent keeps.`,
      [
        `Try: clinvk plugins install clinvk-backend-${name}`,
        'Or leave out --agent: then the record of the agent stays.',
      ],
    )
  }

  const backend = await entry.load()
  if (!backend.forget) {
    throw new Failure('refused', `The backend ${name} cannot delete what its agent keeps.`, [
      'Leave out --agent: then the record of the agent stays.',
    ])
  }

  const files = agentFiles(entry.descriptor.directories ?? [], env)
  return (conversation) => forget({entry, backend, files, env}, conversation)
}

interface Means {
  readonly entry: BackendEntry
  readonly backend: Backend
  readonly files: Files
  readonly env: TurnContext['env']
}

async function forget(means: Means, conversation: Conversation): Promise<DeletedConversation> {
  const {backend, entry, files} = means
  const {title} = entry.descriptor
  const command = backend.deleteCommand?.(conversation)
  const byCommand = command && (await runDelete(means, command, conversation))
  const {removed, stays} = await backend.forget!(conversation, files)
  const isIncomplete = byCommand === 'not installed'
  return {
    removed: byCommand === true || removed.length > 0 || (isIncomplete && 'not installed'),
    notes: [
      ...(isIncomplete
        ? [
            `${title} is not installed; what it keeps apart from files stays. Later: ${quoteCommand([entry.descriptor.executable, ...command!.args])}`,
          ]
        : []),
      ...(stays === undefined ? [] : [`${title} keeps ${stays}.`]),
    ],
  }
}

/** Whether the agent has deleted it. Throws a Failure when it has the conversation and would not. */
async function runDelete(
  {backend, entry, env, files}: Means,
  {args, env: changes}: Program,
  conversation: Conversation,
): Promise<boolean | 'not installed'> {
  const executable = findExecutable(entry, env)
  if (!executable) return 'not installed'
  const said = await new Promise<string | undefined>((resolve) => {
    const options = {cwd: tmpdir(), env: {...env, ...changes}, timeout: DELETE_TIMEOUT_MS}
    execFile(executable.file, [...executable.leading, ...args], options, (error, stdout, stderr) =>
      resolve(error ? lastLine(`${stdout}${stderr}`) || error.message : undefined),
    ).stdin?.end()
  })
  if (said === undefined) return true
  const ask = askAgent(entry, {cwd: conversation.cwd, env})
  if (!(await backend.record?.(conversation, files, ask))) return false
  throw new Failure('session', `${entry.descriptor.title} does not delete its record: ${said}`, [
    'Is it open there? Close it and try again.',
  ])
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)!
}

const DELETE_TIMEOUT_MS = 30_000
