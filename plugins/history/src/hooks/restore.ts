import type {Config} from '@oclif/core'
import {backendsOf} from 'clinvk-kit/backends/discover'
import {ioOf} from 'clinvk-kit/command'
import {counted} from 'clinvk-kit/format/text'
import {archivedConversation} from '../archive/archived.js'

/** Answers `history:restore`: a sentence where an agent has a conversation back that it had lost. Throws a Failure. */
export default async function restore(asked: {
  readonly config: Config
  readonly backend: string
  readonly id: string
}): Promise<string | undefined> {
  const {backend, config, id} = asked
  const {env} = ioOf(config)
  const found = archivedConversation(env, backend, id)
  if (!found) return undefined
  const entry = (await backendsOf(config)).backends.get(backend)
  if (!entry) return undefined
  const {restoreConversation} = await import('../archive/restore.js')
  const restored = await restoreConversation(entry, id, env)
  if (restored === 0) return undefined
  const needed = restored > 1 ? `, and ${counted(restored - 1, 'conversation')} that it needs` : ''
  return `${entry.descriptor.title} had lost this conversation; it is restored from the archive${needed}.`
}
