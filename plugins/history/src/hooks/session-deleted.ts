import type {Config} from '@oclif/core'
import {ioOf} from 'clinvk-kit/command'
import type {SessionAbout} from 'clinvk-kit/turn/context'
import {removeArchived} from '../archive/archive.js'

/** Hears `session:deleted`: what clinvk has archived of its conversation goes, too. */
export default async function sessionDeleted({
  backend,
  backendSessionId: id,
  config,
}: SessionAbout & {readonly config: Config}): Promise<void> {
  if (id !== undefined) await removeArchived(ioOf(config).env, backend, id)
}
