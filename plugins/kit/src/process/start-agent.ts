import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, readFileSync} from 'node:fs'
import type {Readable} from 'node:stream'
import type {Executable} from '../backends/find-executable.js'
import {Failure, messageOf} from '../errors/failure.js'
import {randomUuid} from '../format/random-id.js'
import type {Env} from '../io.js'
import {identify, type ProcessIdentity} from './identity.js'
import {lines} from './lines.js'
import {ProcessTree} from './process-tree.js'
import {readAhead} from './read-ahead.js'

export interface AgentCommand {
  readonly executable: Executable
  readonly args: readonly string[]
  /** Fed to the agent, then closed. */
  readonly stdin?: string
  readonly cwd: string
  readonly env: Env
  /** Further variables of the backend; undefined removes one. */
  readonly changes?: Env
  /** A line was too long: how many bytes it had, and how many of them are given out. */
  onCutLine?(bytes: number, kept: number, isOutput: boolean): void
}

export interface AgentProcess {
  readonly identity: ProcessIdentity | undefined
  /** Lines of standard output, as many as come at once, read ahead; the agent waits only while very much of it is not taken. */
  readonly output: AsyncIterable<readonly string[]>
  readonly errors: AsyncIterable<readonly string[]>
  readonly exit: Promise<{code?: number; signal?: string}>
  readonly tree: ProcessTree
}

/**
 * Starts the agent as the leader of a process group of its own, so that a
 * Ctrl-C in the terminal reaches clinvk alone, which then stops the agent the
 * way that agent likes. Throws a Failure when the program cannot be started.
 */
export async function startAgent(command: AgentCommand): Promise<AgentProcess> {
  const {env, mark} = agentEnvironment(command)
  const {subprocess} = await spawnAgent(command, env)
  // An agent may end before it has read all.
  subprocess.stdin.on('error', () => undefined).end(command.stdin ?? '')
  const exit = new Promise<{code?: number; signal?: string}>((resolve) => {
    subprocess.once('exit', (code, signal) => resolve({code: code ?? undefined, signal: signal ?? undefined}))
  })
  const linesOf = (stream: Readable, ahead: number) =>
    lines(untilExit(stream, exit, ahead), {
      cut: (bytes, kept) => command.onCutLine?.(bytes, kept, stream === subprocess.stdout),
    })
  return {
    identity: identify(subprocess.pid!),
    output: linesOf(subprocess.stdout, OUTPUT_AHEAD),
    errors: linesOf(subprocess.stderr, ERRORS_AHEAD),
    exit,
    tree: new ProcessTree(subprocess.pid!, mark),
  }
}

/** The environment of an agent, and what stands in it, by which the processes that the agent starts are found again. */
export function agentEnvironment({changes, cwd, env}: Pick<AgentCommand, 'changes' | 'cwd' | 'env'>) {
  const id = randomUuid()
  // PWD must agree with the directory, or an agent may believe the one that clinvk was started in.
  return {env: {...env, PWD: cwd, ...changes, CLINVK_TURN_ID: id}, mark: `CLINVK_TURN_ID=${id}`}
}

/** In an object: execa returns a promise of the end, too, which an `await` of it would wait for. */
async function spawnAgent({args, cwd, executable: {file, leading}}: AgentCommand, env: Env) {
  try {
    const all = [...leading, ...args]
    const spawned =
      process.platform === 'win32'
        ? await spawnOnWindows(file, all, {cwd, env})
        : {subprocess: spawn(file, all, {cwd, env, detached: true})}
    if (spawned.subprocess.pid !== undefined) return spawned
    const [error] = (await once(spawned.subprocess, 'error')) as [Error]
    throw error
  } catch (error) {
    throw startFailure(file, error)
  }
}

/** The Failure of a program that could not be started. Of a script the system names the file where it means its interpreter. */
export function startFailure(file: string, error: unknown): Failure {
  const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? missingPart(file) : undefined
  return new Failure('unavailable', `${file} could not be started: ${why ?? messageOf(error)}`)
}

function missingPart(file: string): string | undefined {
  let start: string
  try {
    start = readFileSync(file).toString('latin1', 0, 256)
  } catch {
    return undefined
  }
  // Seen with an agent for musl on a system with glibc, and the other way round.
  if (start.startsWith('\u007FELF')) return 'it is made for another system, whose loader is missing here.'
  const [, line = '', interpreter = ''] = /^#!([^\S\n]*(\S*)[^\n]*)/.exec(start) ?? []
  if (line.endsWith('\r'))
    return `its first line ends with a carriage return (CRLF), so that the system looks for "${interpreter}\\r". Save it with LF.`
  return interpreter === '' || existsSync(interpreter)
    ? undefined
    : `its interpreter ${interpreter} does not exist.`
}

/**
 * Agents are scripts there (`.cmd`), which Node does not start by itself. Elsewhere execa
 * would cost more than a third of the start of Node, on the way of every prompt.
 */
async function spawnOnWindows(file: string, args: readonly string[], options: {cwd: string; env: Env}) {
  const {execa} = await import('execa')
  const ours = {extendEnv: false, reject: false, cleanup: false, buffer: false}
  return {subprocess: execa(file, args, {...options, ...ours}) as unknown as ChildProcessWithoutNullStreams}
}

/**
 * The chunks of a stream, read ahead, until the agent ends. A child of it may hold its output open long after
 * the agent has ended, silent or not. What the agent wrote is in the pipe by then, so it comes without
 * waiting and is not more than a pipe holds. Only time spent waiting for the agent counts, and it is counted
 * in looks, between which the pipe is read: the clock runs on while clinvk is stopped.
 */
function untilExit(stream: Readable, exit: Promise<unknown>, limit: number): AsyncIterable<Buffer> {
  void exit.then(() => {
    // Read to its end already: a watch would keep this process alive.
    if (stream.destroyed) return
    let afterEnd = 0
    let looks = 0
    stream.on('data', (chunk: Buffer) => {
      afterEnd += chunk.length
      if (afterEnd >= LARGEST_PIPE) stream.destroy()
    })
    const watch = setInterval(() => {
      if (!stream.isPaused() && ++looks > SILENT_LOOKS) stream.destroy()
    }, LOOK_MS)
    stream.once('close', () => clearInterval(watch))
  })
  return readAhead(stream, limit)
}

/** Bytes of each stream that are read ahead. */
const OUTPUT_AHEAD = 8 * 1024 * 1024
const ERRORS_AHEAD = 1024 * 1024
const LOOK_MS = 100
const SILENT_LOOKS = 5
/** More than a pipe, or the pair of sockets that Node makes, holds on any system. */
const LARGEST_PIPE = 4 * 1024 * 1024
