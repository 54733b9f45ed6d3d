import {statSync} from 'node:fs'
import {homedir} from 'node:os'
import type {Ask, ProgramAnswer} from 'clinvk-contract'
import type {BackendEntry} from './discover.js'
import {findExecutable} from './find-executable.js'
import {randomUUID} from 'node:crypto'
import {startAgent, type AgentCommand} from '../process/start-agent.js'
import {stopAgent} from '../process/stop-agent.js'

/** What a backend asks its agent with, about a conversation in `cwd`; where that is gone, from the home directory. */
export function askAgent(
  entry: Pick<BackendEntry, 'descriptor' | 'root'>,
  {cwd, env, stop}: {cwd: string; env: Readonly<Record<string, string | undefined>>; stop?: AbortSignal},
): Ask {
  return async ({args, env: changes}) => {
    const executable = findExecutable(entry, env)
    if (!executable) return undefined
    const {askProgram} = await import('./ask-agent.js')
    return askProgram({
      file: executable.file,
      args: [...executable.leading, ...args],
      cwd: statSync(cwd, {throwIfNoEntry: false})?.isDirectory() ? cwd : env.HOME || homedir(),
      env: {...env, ...changes},
      deadline: DEADLINE_MS,
      stop: stop ?? new AbortController().signal,
      kept: KEPT_OF_RECORD,
    })
  }
}

const DEADLINE_MS = 30_000
const KEPT_OF_RECORD = 16 * 1024 * 1024

export interface Asking extends Pick<AgentCommand, 'file' | 'args' | 'cwd' | 'env'> {
  /** Milliseconds. */
  readonly deadline: number
  readonly stop: AbortSignal
  /** Characters that are kept of each stream. */
  readonly kept?: number
}

/** What a program prints; undefined when it had to be ended, with all that it had started. */
export async function askProgram({
  deadline,
  kept = KEPT,
  stop,
  ...command
}: Asking): Promise<ProgramAnswer | undefined> {
  const id = randomUUID()
  const agent = await startAgent({
    ...command,
    stdin: '',
    env: {...command.env, PWD: command.cwd, CLINVK_TURN_ID: id},
    mark: `CLINVK_TURN_ID=${id}`,
  })
  let stopping: Promise<void> | undefined
  const end = () => {
    stopping ??= stopAgent(agent, 'SIGTERM', AbortSignal.abort())
  }

  const timer = setTimeout(end, deadline)
  if (stop.aborted) end()
  else stop.addEventListener('abort', end, {once: true})
  try {
    const [exit, stdout, stderr] = await Promise.all([
      agent.exit,
      beginning(agent.output, kept),
      beginning(agent.errors, kept),
    ])
    await stopping
    return stopping ? undefined : {stdout, stderr, ...(exit.code === undefined ? {} : {code: exit.code})}
  } finally {
    clearTimeout(timer)
    stop.removeEventListener('abort', end)
  }
}

/** Reads all, keeps the beginning. */
async function beginning(output: AsyncIterable<readonly string[]>, kept: number): Promise<string> {
  let text = ''
  for await (const lines of output) if (text.length < kept) text += `${lines.join('\n')}\n`
  return text.slice(0, kept)
}

const KEPT = 65_536
