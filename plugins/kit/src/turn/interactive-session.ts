import {spawn} from 'node:child_process'
import {randomUUID} from 'node:crypto'
import type {BackendEntry} from '../backends/discover.js'
import {type Executable, findExecutable, notInstalled} from '../backends/find-executable.js'
import type {Backend, Conversation, Program, Json, Usage} from 'clinvk-contract'
import {Failure, messageOf} from '../errors/failure.js'
import {identify, type ProcessIdentity} from '../process/identity.js'
import {ProcessTree} from '../process/process-tree.js'
import type {TurnContext} from './context.js'
import {backendOf} from './prepare.js'
import {refusalFailure} from './refuse.js'
import {modelNamed, directoryOfSession} from './resolve-options.js'
import {askAgent} from '../backends/ask-agent.js'
import {agentFiles} from './agent-files.js'

export interface InteractiveRequest {
  /** The name of the conversation's backend. */
  readonly backend: string
  readonly conversation: Conversation
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

/** How the agent's program ended. */
export interface InteractiveEnd {
  readonly startedAt: Date
  readonly endedAt: Date
  readonly code?: number
  readonly signal?: string
  /** The signal by which clinvk was told to end. */
  readonly stoppedBy?: NodeJS.Signals
}

/** Looks whether the terminal can be handed to the agent of a conversation. Throws a Failure when it cannot. */
export async function prepareInteractive(
  {backend: name, conversation: asked, model}: InteractiveRequest,
  context: Pick<TurnContext, 'backends' | 'settings' | 'env'>,
): Promise<PreparedInteractive> {
  const {env} = context
  const entry = backendOf(name, context)
  const {descriptor} = entry
  const conversation = {...asked, cwd: directoryOfSession(asked.cwd)}
  const backend = await entry.load()
  if (!backend.interactive) {
    throw new Failure(
      'refused',
      `${descriptor.title} cannot be opened on a session: clinvk only sends it prompts.`,
      ['Give a prompt: clinvk resume ID "continue"'],
    )
  }

  const executable = findExecutable(entry, env)
  if (!executable) throw notInstalled(entry, context)
  const program = backend.interactive(
    conversation,
    model === undefined ? {} : {model: modelNamed(model, descriptor)},
    {platform: process.platform, isRoot: process.getuid?.() === 0, env},
  )
  if (program.kind === 'refusal') throw refusalFailure(program)
  return {entry, backend, conversation, executable, program, env}
}

/**
 * Hands the terminal to the agent until its program ends. It stays in clinvk's
 * process group, so that Ctrl-Z and `fg` work on both together. Throws a Failure
 * when it cannot be started.
 */
export async function runInteractive(
  {conversation: {cwd}, entry, env, executable, program}: PreparedInteractive,
  onStart: (agent: ProcessIdentity | undefined) => void,
): Promise<InteractiveEnd> {
  const turnId = randomUUID()
  const signals = new Signals()
  try {
    const startedAt = new Date()
    const child = spawn(executable.file, [...executable.leading, ...program.args], {
      cwd,
      // PWD must agree with the directory, or an agent may believe the one that clinvk was started in.
      env: {...env, PWD: cwd, ...program.env, CLINVK_TURN_ID: turnId},
      stdio: 'inherit',
    })
    const ended = new Promise<{code?: number; signal?: string}>((resolve, reject) => {
      child.once('error', ({message}) =>
        reject(new Failure('unavailable', `${entry.descriptor.title} could not be started: ${message}`)),
      )
      child.once('exit', (code, signal) =>
        resolve({...(code === null ? {} : {code}), ...(signal === null ? {} : {signal})}),
      )
    })
    if (child.pid !== undefined) {
      signals.passTo(new ProcessTree(child.pid, `CLINVK_TURN_ID=${turnId}`))
      onStart(identify(child.pid))
    }

    const end = await ended
    const {stoppedBy} = signals
    return {...end, startedAt, endedAt: new Date(), ...(stoppedBy === undefined ? {} : {stoppedBy})}
  } finally {
    signals.release()
  }
}

/**
 * While the agent has the terminal its keys are the agent's: SIGINT and SIGQUIT do
 * nothing to clinvk. SIGTERM and SIGHUP end the agent, and clinvk after it.
 */
class Signals {
  stoppedBy: NodeJS.Signals | undefined
  #tree: ProcessTree | undefined
  #killTimer: NodeJS.Timeout | undefined
  readonly #ignore = () => undefined
  readonly #stop = (signal: NodeJS.Signals) => {
    this.stoppedBy ??= signal
    this.#pass(signal)
  }

  constructor() {
    for (const signal of KEYS) process.on(signal, this.#ignore)
    for (const signal of ENDS) process.on(signal, this.#stop)
  }

  passTo(tree: ProcessTree): void {
    this.#tree = tree
    if (this.stoppedBy !== undefined) this.#pass(this.stoppedBy)
  }

  release(): void {
    clearTimeout(this.#killTimer)
    for (const signal of KEYS) process.off(signal, this.#ignore)
    for (const signal of ENDS) process.off(signal, this.#stop)
  }

  /** To every process of the agent: the one that clinvk has started may be a parent that passes on nothing. */
  #pass(signal: NodeJS.Signals): void {
    this.#tree?.signalAll(signal)
    this.#killTimer ??= setTimeout(() => this.#tree?.signalAll('SIGKILL'), KILL_AFTER_MS)
  }
}

const KEYS = ['SIGINT', 'SIGQUIT'] as const
const ENDS = ['SIGTERM', 'SIGHUP'] as const
const KILL_AFTER_MS = 5000

/** What was said in a conversation while the agent had the terminal, by the agent's own record. */
export interface SyncedTranscript {
  readonly turns: number
  readonly usage?: Usage
  /** The model that answered last. */
  readonly model?: string
  /** ISO 8601; absent when nothing was said. */
  readonly lastUsed?: string
  /** Replaces the state that is kept with the session. */
  readonly state?: Json
}

/** Reads what has happened since then, and tidies up. Undefined when the agent keeps no record that can be read. */
export async function syncTranscript(
  {backend, conversation, entry, env}: PreparedInteractive,
  since: Date,
  notice: (message: string) => void,
): Promise<SyncedTranscript | undefined> {
  const files = agentFiles(entry.descriptor.directories ?? [], env)
  const ask = askAgent(entry, {cwd: conversation.cwd, env})
  try {
    const record = await backend.record?.(conversation, files, ask)
    await backend.tidy?.(conversation, files, ask)
    if (!record) return undefined
    const turns = record.turns.filter(({startedAt}) => Date.parse(startedAt) >= since.getTime())
    const usage = sum(turns.flatMap((turn) => turn.usage ?? []))
    const model = turns.findLast((turn) => turn.model !== undefined)?.model
    const lastUsed = turns.at(-1)?.endedAt
    return {
      turns: turns.length,
      ...(usage === undefined ? {} : {usage}),
      ...(model === undefined ? {} : {model}),
      ...(lastUsed === undefined ? {} : {lastUsed}),
      ...(record.state === undefined ? {} : {state: record.state}),
    }
  } catch (error) {
    notice(`What ${entry.descriptor.title} has kept of it cannot be read: ${messageOf(error)}`)
    return undefined
  }
}

/** A field that no usage has is unknown. */
function sum(usages: readonly Usage[]): Usage | undefined {
  if (usages.length === 0) return undefined
  const total: Usage = {}
  for (const usage of usages) {
    for (const field of FIELDS) {
      const value = usage[field]
      if (value !== undefined) total[field] = (total[field] ?? 0) + value
    }
  }

  return total
}

const FIELDS = ['input_tokens', 'output_tokens', 'cached_tokens', 'reasoning_tokens', 'total_tokens'] as const
