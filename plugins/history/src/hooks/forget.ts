import type {Config} from '@oclif/core'
import {ioOf} from 'clinvk-kit/command'
import type {SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import {removeArchived} from '../archive/archive.js'
import {archivedConversation} from '../archive/archived.js'
import {forget} from '../sync/forget.js'

/** Answers `history:forget`: of sessions that were deleted, what clinvk has archived and indexed goes, too. */
export default async function forgetSessions({
  config,
  sessions,
}: {
  readonly config: Config
  readonly sessions: readonly SessionFile[]
}): Promise<void> {
  const {env, stderr} = ioOf(config)
  await forget(env, {sessions: new Set(sessions.map(({id}) => id))})
  for (const {backend, backend_session_id: id} of sessions) {
    if (!id || (await removeArchived(env, backend, id)) || !archivedConversation(env, backend, id)) continue
    stderr.write(
      'Note: The archive keeps its record, because forks in the archive cannot be read without it.\n',
    )
  }
}
