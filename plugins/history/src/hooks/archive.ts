import type {Config} from '@oclif/core'
import type {Conversation} from 'clinvk-contract'
import {archiveOne} from '../archive/archive-one.js'

/** Hears `history:archive`: the agent may have written more of this conversation. */
export default async function archive({
  backend,
  config,
  ...conversation
}: Conversation & {readonly backend: string; readonly config: Config}): Promise<void> {
  await archiveOne(backend, conversation, config)
}
