import {setTimeout as pause} from 'node:timers/promises'
import type {Config} from '@oclif/core'
import type {Conversation} from 'clinvk-contract'
import {backendsOf} from 'clinvk-kit/backends/discover'
import {ioOf} from 'clinvk-kit/command'
import {messageOf} from 'clinvk-kit/errors/failure'
import {loadSettings} from 'clinvk-kit/settings/load'
import type {SessionAbout, TurnEnd} from 'clinvk-kit/turn/context'
import {recordAccess} from '../transcript/record-access.js'

type Told = (Conversation & {readonly backend: string}) | Omit<TurnEnd, 'event'> | SessionAbout

/**
 * Runs on `history:archive`, `turn:end` and `session:resumed`, when the agent may have written more of a conversation. On
 * the last one, what the user has said in the agent's own program is archived before the agent rewrites or deletes it, but
 * the start of the agent does not wait for that.
 */
export default async function archive(told: Told & {readonly config: Config}): Promise<void> {
  const {config} = told
  if ('result' in told) {
    const {backend, backend_session_id: id, session_id: session, working_dir: cwd} = told.result
    if (backend && cwd && id && session) await archiveOne(backend, {id, cwd}, config)
  } else if ('sessionId' in told) {
    const {backend, backendSessionId: id, workingDir: cwd} = told
    if (id === undefined) return
    await pause(STARTED_MS)
    // The agent may have the terminal; at its end this is tried again, with a note.
    await archiveOne(backend, {id, cwd}, config, {isQuiet: true})
  } else await archiveOne(told.backend, told, config)
}

/**
 * Archives the conversation of a session, as `history.archive` says. What an agent keeps in no files is left to `history
 * sync`: its program would have to be started. A failure is a note, and ends nothing.
 */
async function archiveOne(
  backend: string,
  {cwd, id, state}: Conversation,
  config: Config,
  {isQuiet = false} = {},
): Promise<void> {
  const {cwd: here, env, stderr} = ioOf(config)
  try {
    const {history: settings} = await loadSettings({cwd: here, env})
    if (settings.archive === 'off') return
    const entry = (await backendsOf(config)).backends.get(backend)
    const unread: unknown[] = []
    const access = entry && (await recordAccess(entry, {env}, (error) => unread.push(error)))
    if (!access) return
    const [recorded] = await access.history.conversations(access.files, access.ask, {id, cwd, state})
    // It may lie in what cannot be read.
    if (!recorded && unread.length > 0) throw unread[0]
    if (!recorded || recorded.paths.length === 0) return
    const {archiveRecord} = await import('../archive/archive.js')
    const {parseSize} = await import('../archive/size.js')
    const limit = parseSize(settings.max_size)
    await archiveRecord(recorded, access, {backend, env, limit, about: {cwd}})
  } catch (error) {
    if (!isQuiet) stderr.write(`Note: The conversation cannot be archived: ${messageOf(error)}\n`)
  }
}

/** By then the agent has been started. */
const STARTED_MS = 200
