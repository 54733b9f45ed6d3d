import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process'
import {once} from 'node:events'
import type {Readable} from 'node:stream'
import {Failure} from '../failure.js'
import {messageOf} from '../message-of.js'
import {identify, type ProcessIdentity} from './identity.js'
import {lines} from './lines.js'
import {ProcessTree} from './process-tree.js'

/** What to run, with everything resolved. */
export interface AgentCommand {
  /** Absolute path of the program. */
  readonly file: string
  readonly args: readonly string[]
  /** Fed to the agent, then closed. */
  readonly stdin: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** `NAME=value` of `env`, by which processes that the agent started are found again. */
  readonly mark: string
  /** A line was too long: how many bytes it had, and how many of them are given out. */
  onCutLine?(bytes: number, kept: number): void
}

/** A running agent: its lines, its end, and how to end it. */
export interface AgentProcess {
  readonly identity: ProcessIdentity | undefined
  /** Lines of standard output; the agent waits while nobody takes them. */
  readonly output: AsyncIterable<string>
  readonly errors: AsyncIterable<string>
  /** Resolves when the process has ended and its output has been given out. */
  readonly exit: Promise<{code?: number; signal?: string}>
  readonly tree: ProcessTree
}

/**
 * Starts the agent as the leader of a process group of its own, so that a
 * Ctrl-C in the terminal reaches clinvk alone, which then stops the agent the
 * way that agent likes. Throws a Failure when the program cannot be started.
 */
export async function startAgent(command: AgentCommand): Promise<AgentProcess> {
  const subprocess = await spawned(command)
  // An agent may end before it has read all.
  subprocess.stdin.on('error', () => undefined).end(command.stdin)
  const {stdout, stderr} = subprocess
  const exit = new Promise<{code?: number; signal?: string}>((resolve) => {
    subprocess.once('exit', (code, signal) =>
      resolve({...(code === null ? {} : {code}), ...(signal === null ? {} : {signal})}),
    )
  })
  const cut = (bytes: number, kept: number) => command.onCutLine?.(bytes, kept)
  return {
    identity: identify(subprocess.pid!),
    output: lines(chunks(stdout, exit), {cut}),
    errors: lines(chunks(stderr, exit), {cut}),
    exit,
    tree: new ProcessTree(subprocess.pid!, command.mark),
  }
}

async function spawned({args, cwd, env, file}: AgentCommand): Promise<ChildProcessWithoutNullStreams> {
  // Windows alone needs help with scripts.
  const start = process.platform === 'win32' ? (await import('cross-spawn')).default.spawn : spawn
  try {
    const child = start(file, args, {
      cwd,
      env: definedOnly(env),
      detached: process.platform !== 'win32',
    })
    if (child.pid !== undefined) return child
    const [error] = (await once(child, 'error')) as [Error]
    throw error
  } catch (error) {
    throw new Failure('unavailable', `${file} could not be started: ${messageOf(error)}`)
  }
}

/**
 * The chunks of a stream. A child of the agent may hold its output open long
 * after the agent has ended, silent or not. What the agent wrote is in the pipe
 * by then, so it comes without waiting and is not more than a pipe holds. Only
 * time spent waiting for the agent counts: a reader that takes its time loses
 * nothing. It is counted in looks, between which the pipe is read, and not by
 * the clock, which runs on while clinvk itself is stopped.
 */
async function* chunks(stream: Readable, exit: Promise<unknown>): AsyncGenerator<Buffer> {
  const agent = {ended: false}
  let waiting = false
  let watch: NodeJS.Timeout | undefined
  void exit.then(() => {
    agent.ended = true
    // Read to its end already: there is nothing to watch any more, and a watch would keep this process alive.
    if (stream.destroyed) return
    let looks = 0
    watch = setInterval(() => {
      if (waiting && ++looks > SILENT_LOOKS) stream.destroy()
    }, LOOK_MS)
    stream.once('close', () => clearInterval(watch))
  })
  const source = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  try {
    for (let afterEnd = 0; afterEnd < LARGEST_PIPE;) {
      waiting = true
      const next = await source.next()
      waiting = false
      if (next.done) return
      if (agent.ended) afterEnd += next.value.length
      yield next.value
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  } finally {
    clearInterval(watch)
    stream.destroy()
  }
}

function definedOnly(env: AgentCommand['env']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

const LOOK_MS = 100
const SILENT_LOOKS = 5
/** More than a pipe, or the pair of sockets that Node makes, holds on any system. */
const LARGEST_PIPE = 4 * 1024 * 1024
