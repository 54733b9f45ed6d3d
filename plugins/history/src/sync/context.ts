import type {Config} from '@oclif/core'
import {backendsOf} from 'clinvk-kit/backends/discover'
import {ioOf} from 'clinvk-kit/command'
import type {Settings} from 'clinvk-kit/settings/settings'
import {loadSettings} from 'clinvk-kit/settings/load'
import {parseSize} from '../archive/size.js'
import type {HistoryContext} from '../transcript/read-turns.js'

/** Where `syncHistory` finds what it reads, and what it is to archive. */
export interface SyncContext extends Pick<HistoryContext, 'backends' | 'env'> {
  readonly archive: Settings['history']['archive']
  /** Bytes that archive and transcripts may have together. */
  readonly limit: number
  /** Whether tokens may be written down. */
  readonly keepsUsage: boolean
}

/** That of a command. Throws a Failure where the settings are wrong. */
export async function syncContext(config: Config): Promise<SyncContext> {
  const {env} = ioOf(config)
  // The same wherever it is started: no project has a say.
  const {history, session} = await loadSettings({cwd: '/', env})
  const {backends} = await backendsOf(config)
  const limit = parseSize(history.max_size)
  return {env, backends, archive: history.archive, limit, keepsUsage: session.store_token_usage}
}
