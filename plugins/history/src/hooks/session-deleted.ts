import {existsSync} from 'node:fs'
import type {Config} from '@oclif/core'
import {ioOf} from 'clinvk-kit/command'
import type {SessionAbout} from 'clinvk-kit/turn/context'
import {removeArchived} from '../archive/archive.js'
import {archivedConversation} from '../archive/archived.js'
import {indexPath} from '../search/index-file.js'

/** Hears `session:deleted`: what clinvk has archived and indexed of its conversation goes, too. */
export default async function sessionDeleted({
  backend,
  backendSessionId: id,
  config,
  sessionId,
}: SessionAbout & {readonly config: Config}): Promise<void> {
  const {env, stderr} = ioOf(config)
  if (existsSync(indexPath(env))) (await import('../search/forget-session.js')).forgetSession(env, sessionId)
  if (id === undefined || (await removeArchived(env, backend, id))) return
  if (!archivedConversation(env, backend, id)) return
  stderr.write(
    'Note: The archive keeps its record, because forks in the archive cannot be read without it.\n',
  )
}
