import type {BackendEntry} from 'clinvk-kit/backends/discover'
import {randomUuid} from 'clinvk-kit/format/random-id'
import type {Env} from 'clinvk-kit/io'
import type {ForkedConversation, HandOff} from 'clinvk-kit/turn/context'
import type {DraftMessage} from 'clinvk-contract'
import {archivedConversation} from '../archive/archived.js'
import {restoreConversation} from '../archive/restore.js'
import {recordAccess} from '../transcript/record-access.js'
import {WrittenRecord} from './written-record.js'

/**
 * A copy of the agent's own record, under another id. A record that the agent has lost is restored from the archive
 * first. Undefined where there is none.
 */
export async function copyOf(
  {backend, backendSessionId: id, workingDir: cwd}: ForkedConversation,
  entry: BackendEntry,
  env: Env,
): Promise<HandOff | undefined> {
  const place = {cwd, env}
  const access = await recordAccess(entry, place)
  if (id === undefined || !access?.history.copy) return undefined
  const {ask, files, history} = access
  const find = async () =>
    (await history.conversations(files, ask, {id, cwd})).find((conversation) => conversation.id === id)
  let recorded = await find()
  if (!recorded && archivedConversation(env, backend, id)) {
    await restoreConversation(entry, id, env)
    recorded = await find()
  }

  if (!recorded) return undefined
  const said: Pick<DraftMessage, 'role' | 'text'>[] = []
  for await (const message of history.transcript(recorded, files, ask))
    if (message.type === 'text' && message.subAgent === undefined) said.push(message)
  // Of one in which everything was taken back, an agent resumes nothing.
  if (said.length === 0) return undefined
  const record = await access.history.copy(recorded, randomUuid(), files)
  const written = new WrittenRecord(record, access, entry, place)
  const {length} = said
  return {
    conversation: {id: record.id, state: record.state},
    about: {from: backend, to: backend, path: record.path, messages: length, carried: length},
    write: () => written.write(said),
    remove: () => written.remove(),
  }
}
