import type {Config} from '@oclif/core'
import {ioOf} from 'clinvk-kit/command'
import type {Cost, CostQuestion} from 'clinvk-kit/hooks/history'
import {loadSettings} from 'clinvk-kit/settings/load'
import {userOf} from '../sync/caller.js'
import {syncNow} from '../sync/sync-now.js'
import {Ledger} from '../usage/ledger.js'
import {sumWorth, valuer, worthText} from '../usage/prices.js'

/** Answers `history:cost`. */
export default async function cost(asked: CostQuestion & {readonly config: Config}): Promise<Cost> {
  const {backend, config, conversation, session} = asked
  const {cwd, env} = ioOf(config)
  await syncNow(userOf(config))
  const valueOf = await valuer((await loadSettings({cwd, env})).prices)
  const rows = [...new Ledger(env).rows()].filter(
    (row) =>
      row.session === session || (row.backend === backend && row.conversation === (conversation ?? '')),
  )
  const worth = sumWorth(rows.map(valueOf))
  const {source, unpriced, usd} = worth
  return {usd, source, unpriced_calls: unpriced || undefined, text: worthText(worth)}
}
