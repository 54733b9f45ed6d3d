import type {Ask, Files, History} from 'clinvk-contract'
import {askAgent} from 'clinvk-kit/backends/ask-agent'
import type {BackendEntry} from 'clinvk-kit/backends/discover'
import type {Env} from 'clinvk-kit/io'
import {agentFiles} from 'clinvk-kit/turn/agent-files'

/** How the records of an agent are reached. */
export interface RecordAccess {
  readonly history: History
  readonly files: Files
  readonly ask: Ask
}

/**
 * Undefined where the backend reads no records. `cwd`: where the agent's program is started to be asked; without it, it is
 * not. With `onUnreadable`, what cannot be read is as if it was empty.
 */
export async function recordAccess(
  entry: BackendEntry,
  {cwd, env, stop}: {readonly cwd?: string; readonly env: Env; readonly stop?: AbortSignal},
  onUnreadable?: (error: unknown) => void,
): Promise<RecordAccess | undefined> {
  const {history} = await entry.load()
  if (!history) return undefined
  const files = agentFiles(entry.descriptor.directories ?? [], env, onUnreadable)
  return {history, files, ask: cwd === undefined ? NO_ANSWER : askAgent(entry, {cwd, env, stop})}
}

const NO_ANSWER: Ask = () => Promise.resolve(undefined)
