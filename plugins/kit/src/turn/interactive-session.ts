import type {Conversation, Json, Program, RecordedConversation, Usage} from 'clinvk-contract'
import type {BackendEntry} from '../backends/discover.js'
import {type Executable, findExecutable, notInstalled} from '../backends/find-executable.js'
import {Failure, messageOf} from '../errors/failure.js'
import {identify, type ProcessIdentity} from '../process/identity.js'
import {ProcessTree} from '../process/process-tree.js'
import {agentEnvironment, startFailure} from '../process/start-agent.js'
import {type AgentRecords, isRecorded, recordedTurns, recordsOf} from './agent-records.js'
import type {TurnContext} from './context.js'
import {backendOf} from './prepare.js'
import {refusalFailure} from './refuse.js'
import {directoryOfSession, modelNamed} from './resolve-options.js'
import {addUsage} from './usage.js'

export interface InteractiveRequest {
  readonly backend: string
  readonly sessionId: string
  readonly conversation: Conversation
  /** Whether its agent may have recorded nothing of it. */
  readonly isUnconfirmed: boolean
  /** Whether the agent opens a copy of it. */
  readonly isFork?: boolean
  /** As the user wrote it. */
  readonly model?: string
}

/** The agent's interactive program, ready to start. Nothing has happened yet. */
export interface PreparedInteractive {
  readonly entry: BackendEntry
  readonly records: AgentRecords
  readonly conversation: Conversation
  readonly executable: Executable
  readonly program: Program
  readonly env: TurnContext['env']
}

export interface InteractiveEnd {
  readonly startedAt: Date
  readonly endedAt: Date
  readonly code?: number
  /** The signal by which clinvk was told to end. */
  readonly stoppedBy?: NodeJS.Signals
}

/** Checks whether the agent of a conversation can be opened in the terminal. Throws a Failure when it cannot. */
export async function prepareInteractive(
  {backend: name, conversation: asked, isFork, isUnconfirmed, model, sessionId}: InteractiveRequest,
  context: Pick<TurnContext, 'backends' | 'settings' | 'env'>,
): Promise<PreparedInteractive> {
  const {env} = context
  const entry = backendOf(name, context)
  const {descriptor} = entry
  const conversation = {...asked, cwd: directoryOfSession({id: sessionId, directory: asked.cwd})}
  const records = await recordsOf(entry, {cwd: conversation.cwd, env})
  const {backend} = records
  if (!backend.interactive) {
    const message = `${descriptor.title} cannot be opened on a session: clinvk only sends it prompts.`
    throw new Failure('refused', message, ['Give a prompt: clinvk resume ID "continue"'])
  }

  const executable = findExecutable(entry, env)
  if (!executable) throw notInstalled(entry, context)
  if (isUnconfirmed && (await isRecorded(entry, conversation, context)) === false) {
    const message = `${descriptor.title} has recorded nothing of this session yet.`
    throw new Failure('session', message, ['Start it again with a prompt: clinvk resume ID "continue"'])
  }

  const program = backend.interactive(
    conversation,
    {model: model === undefined ? undefined : modelNamed(model, descriptor), fork: isFork},
    {platform: process.platform, isRoot: process.getuid?.() === 0, env},
  )
  if (program.kind === 'refusal') throw refusalFailure(program)
  return {entry, records, conversation, executable, program, env}
}

/**
 * Gives the terminal to the agent until its program ends. It stays in clinvk's process group, so that Ctrl-Z and `fg`
 * work on both together. Its keys are the agent's: SIGINT and SIGQUIT do nothing to clinvk; SIGTERM and SIGHUP end
 * the agent, and clinvk after it. Throws a Failure when it cannot be started.
 */
export async function runInteractive(
  {conversation: {cwd}, env, executable, program}: PreparedInteractive,
  onStart: (agent: ProcessIdentity | undefined) => void,
): Promise<InteractiveEnd> {
  const {mark, ...environment} = agentEnvironment({cwd, env, changes: program.env})
  const startedAt = new Date()
  let tree: ProcessTree | undefined
  let stoppedBy: NodeJS.Signals | undefined
  let killTimer: NodeJS.Timeout | undefined
  /** To every process of the agent: the one that clinvk has started may be a parent that passes on nothing. */
  const pass = (signal: NodeJS.Signals) => {
    tree?.signalAll(signal)
    killTimer ??= setTimeout(() => tree?.signalAll('SIGKILL'), KILL_AFTER_MS)
  }

  const ignore = () => undefined
  const stop = (signal: NodeJS.Signals) => {
    stoppedBy ??= signal
    pass(signal)
  }

  for (const signal of KEYS) process.on(signal, ignore)
  for (const signal of ENDS) process.on(signal, stop)
  try {
    const {execa} = await import('execa')
    const child = execa(executable.file, [...executable.leading, ...program.args], {
      ...environment,
      cwd,
      extendEnv: false,
      stdio: 'inherit',
      reject: false,
      cleanup: false,
    })
    if (child.pid !== undefined) {
      tree = new ProcessTree(child.pid, mark)
      if (stoppedBy !== undefined) pass(stoppedBy)
      onStart(identify(child.pid))
    }

    const {cause, exitCode: code} = await child
    if (child.pid !== undefined) return {code, startedAt, endedAt: new Date(), stoppedBy}
    throw startFailure(executable.file, cause)
  } finally {
    clearTimeout(killTimer)
    for (const signal of KEYS) process.off(signal, ignore)
    for (const signal of ENDS) process.off(signal, stop)
  }
}

/** What was said in a conversation while the agent had the terminal, by the agent's own record. */
export interface SyncedTranscript {
  readonly turns: number
  readonly usage?: Usage
  readonly model?: string
  /** ISO 8601; absent when nothing was said. */
  readonly lastUsed?: string
  /** Replaces the state that is kept with the session. */
  readonly state?: Json
}

/** Reads what has happened since then, and cleans up. Undefined when the agent keeps no record that can be read. */
export async function syncTranscript(
  {conversation, entry, records}: PreparedInteractive,
  since: Date,
  notice: (message: string) => void,
): Promise<SyncedTranscript | undefined> {
  const {ask, backend, files} = records
  try {
    const record = await recordedTurns(conversation, records)
    await backend.tidy?.(conversation, files, ask)
    if (!record) return undefined
    const turns = record.turns.filter(({startedAt}) => Date.parse(startedAt) >= since.getTime())
    const usages = turns.flatMap((turn) => turn.usage ?? [])
    return {
      turns: turns.length,
      usage: usages.length === 0 ? undefined : usages.reduce((sum, usage) => addUsage(sum, usage)),
      model: turns.findLast((turn) => turn.model !== undefined)?.model,
      lastUsed: turns.at(-1)?.endedAt,
      state: record.state,
    }
  } catch (error) {
    notice(`The record of ${entry.descriptor.title} cannot be read: ${messageOf(error)}`)
    return undefined
  }
}

/** The ids of all conversations that an agent has: where it makes a copy in its own program, it tells nobody the new one. */
export async function conversationIds(prepared: PreparedInteractive): Promise<ReadonlySet<string>> {
  return new Set((await conversationsOf(prepared)).map(({id}) => id))
}

/** The conversation that the agent has made of the prepared one since; undefined where it has made none. */
export async function forkOf(
  prepared: PreparedInteractive,
  known: ReadonlySet<string>,
): Promise<Conversation | undefined> {
  const {conversation, records} = prepared
  const {ask, backend, files} = records
  const made = (await conversationsOf(prepared)).filter(({id}) => !known.has(id))
  let found: RecordedConversation | undefined
  for (const one of made) {
    let about = one.about ?? {}
    // Others may have begun meanwhile, in other directories.
    if (made.length > 1)
      for await (const said of backend.history!.transcript(one, files, ask))
        if (said.type === 'about') about = {...about, ...said.about}
    const isCopy = about.forkedFrom === conversation.id
    if (isCopy || (about.cwd ?? conversation.cwd) === conversation.cwd) found = one
    if (isCopy) break
  }

  return found && {id: found.id, cwd: conversation.cwd, state: found.about?.state}
}

async function conversationsOf({records: {ask, backend, files}}: PreparedInteractive) {
  return (await backend.history?.conversations(files, ask)) ?? []
}

const KEYS = ['SIGINT', 'SIGQUIT'] as const
const ENDS = ['SIGTERM', 'SIGHUP'] as const
const KILL_AFTER_MS = 5000
