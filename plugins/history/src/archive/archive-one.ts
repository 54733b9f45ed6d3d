import type {Config} from '@oclif/core'
import type {Conversation} from 'clinvk-contract'
import {backendsOf} from 'clinvk-kit/backends/discover'
import {ioOf} from 'clinvk-kit/command'
import {messageOf} from 'clinvk-kit/errors/failure'
import {loadSettings} from 'clinvk-kit/settings/load'
import {agentFiles} from 'clinvk-kit/turn/agent-files'

/**
 * Archives the conversation of a session, as `history.archive` says. What an agent keeps in no files is left to `history
 * sync`: its program would have to be started. A failure is a note, and ends nothing.
 */
export async function archiveOne(
  backend: string,
  conversation: Conversation,
  config: Config,
  {isQuiet = false} = {},
): Promise<void> {
  const {cwd, env, stderr} = ioOf(config)
  try {
    const {history: settings} = await loadSettings({cwd, env})
    if (settings.archive === 'off') return
    const entry = (await backendsOf(config)).backends.get(backend)
    const history = entry && (await entry.load()).history
    if (!history) return
    const unread: unknown[] = []
    const files = agentFiles(entry.descriptor.directories ?? [], env, (error) => unread.push(error))
    const [recorded] = await history.conversations(files, () => Promise.resolve(undefined), conversation)
    // It may lie in what cannot be read.
    if (!recorded && unread.length > 0) throw unread[0]
    if (!recorded || recorded.paths.length === 0) return
    const {archiveRecord} = await import('./archive-record.js')
    const {parseSize} = await import('./size.js')
    const limit = parseSize(settings.max_size)
    const about = {cwd: conversation.cwd}
    await archiveRecord(recorded, {history, files}, {backend, env, limit, about})
  } catch (error) {
    if (!isQuiet) stderr.write(`Note: The conversation cannot be archived: ${messageOf(error)}\n`)
  }
}
