import {statSync} from 'node:fs'
import {homedir} from 'node:os'
import type {Ask, Program, ProgramAnswer} from 'clinvk-contract'
import type {Env} from '../io.js'
import {startAgent} from '../process/start-agent.js'
import {stopAgent} from '../process/stop-agent.js'
import type {BackendEntry} from './discover.js'
import {findExecutable, type Executable} from './find-executable.js'

/** What a backend asks its agent with, about a conversation in `cwd`; where that is gone, from the home directory. */
export function askAgent(
  entry: Pick<BackendEntry, 'descriptor' | 'root'>,
  {cwd, env, stop}: {cwd: string; env: Env; stop?: AbortSignal},
): Ask {
  return async (program) => {
    const executable = findExecutable(entry, env)
    const exists = statSync(cwd, {throwIfNoEntry: false})?.isDirectory()
    const options = {
      cwd: exists ? cwd : env.HOME || homedir(),
      env,
      stop,
      timeoutMs: 30_000,
      kept: 16 * 1024 * 1024,
    }
    return executable && runProgram(executable, program, options)
  }
}

export interface RunOptions {
  readonly cwd: string
  readonly env: Env
  readonly timeoutMs: number
  readonly stop?: AbortSignal
  /** Characters that are kept of each stream; 64 Ki when not given. */
  readonly kept?: number
}

/** What a program prints; undefined when it had to be stopped, with all that it had started. */
export async function runProgram(
  executable: Executable,
  {args, env: changes}: Pick<Program, 'args' | 'env'>,
  {cwd, env, kept = 65_536, stop, timeoutMs}: RunOptions,
): Promise<ProgramAnswer | undefined> {
  const agent = await startAgent({executable, args, cwd, env, changes})
  let stopping: Promise<void> | undefined
  const end = () => {
    stopping ??= stopAgent(agent, 'SIGTERM', AbortSignal.abort())
  }

  const timer = setTimeout(end, timeoutMs)
  if (stop?.aborted) end()
  stop?.addEventListener('abort', end, {once: true})
  const beginning = async (output: AsyncIterable<readonly string[]>) => {
    let text = ''
    for await (const lines of output) if (text.length < kept) text += `${lines.join('\n')}\n`
    return text.slice(0, kept)
  }

  try {
    const [{code}, stdout, stderr] = await Promise.all([
      agent.exit,
      beginning(agent.output),
      beginning(agent.errors),
    ])
    await stopping
    return stopping ? undefined : {stdout, stderr, code}
  } finally {
    clearTimeout(timer)
    stop?.removeEventListener('abort', end)
  }
}
