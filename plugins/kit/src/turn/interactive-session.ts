import type {Backend, Conversation, Json, Program, Usage} from 'clinvk-contract'
import {askAgent} from '../backends/ask-agent.js'
import type {BackendEntry} from '../backends/discover.js'
import {type Executable, findExecutable, notInstalled} from '../backends/find-executable.js'
import {Failure, messageOf} from '../errors/failure.js'
import {randomUuid} from '../format/random-id.js'
import {identify, type ProcessIdentity} from '../process/identity.js'
import {ProcessTree} from '../process/process-tree.js'
import {agentFiles} from './agent-files.js'
import type {TurnContext} from './context.js'
import {backendOf} from './prepare.js'
import {recordedTurns} from './recorded-turns.js'
import {refusalFailure} from './refuse.js'
import {directoryOfSession, modelNamed} from './resolve-options.js'
import {isRecorded} from './restart.js'

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
  readonly backend: Backend
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
  const backend = await entry.load()
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
  return {entry, backend, conversation, executable, program, env}
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
  const id = randomUuid()
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
      cwd,
      // PWD must agree with the directory, or an agent may believe the one that clinvk was started in.
      env: {...env, PWD: cwd, ...program.env, CLINVK_TURN_ID: id},
      extendEnv: false,
      stdio: 'inherit',
      reject: false,
      cleanup: false,
    })
    if (child.pid !== undefined) {
      tree = new ProcessTree(child.pid, `CLINVK_TURN_ID=${id}`)
      if (stoppedBy !== undefined) pass(stoppedBy)
      onStart(identify(child.pid))
    }

    const {cause, exitCode: code} = await child
    if (child.pid !== undefined) return {code, startedAt, endedAt: new Date(), stoppedBy}
    throw (await import('../process/start-failure.js')).startFailure(executable.file, cause)
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
  {backend, conversation, entry, env}: PreparedInteractive,
  since: Date,
  notice: (message: string) => void,
): Promise<SyncedTranscript | undefined> {
  const files = agentFiles(entry.descriptor.directories ?? [], env)
  const ask = askAgent(entry, {cwd: conversation.cwd, env})
  try {
    const record = await recordedTurns(backend, conversation, files, ask)
    await backend.tidy?.(conversation, files, ask)
    if (!record) return undefined
    const turns = record.turns.filter(({startedAt}) => Date.parse(startedAt) >= since.getTime())
    return {
      turns: turns.length,
      usage: sum(turns.flatMap((turn) => turn.usage ?? [])),
      model: turns.findLast((turn) => turn.model !== undefined)?.model,
      lastUsed: turns.at(-1)?.endedAt,
      state: record.state,
    }
  } catch (error) {
    notice(`The record of ${entry.descriptor.title} cannot be read: ${messageOf(error)}`)
    return undefined
  }
}

/** A field that no usage has is unknown. */
function sum(usages: readonly Usage[]): Usage | undefined {
  if (usages.length === 0) return undefined
  const total: Record<string, number> = {}
  for (const {models: _models, ...counts} of usages)
    for (const [field, value] of Object.entries(counts)) total[field] = (total[field] ?? 0) + value
  return total
}

const KEYS = ['SIGINT', 'SIGQUIT'] as const
const ENDS = ['SIGTERM', 'SIGHUP'] as const
const KILL_AFTER_MS = 5000
