import {homedir} from 'node:os'
import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {widthOf} from 'clinvk-kit/format/table'
import {loadSettings} from 'clinvk-kit/settings/load'
import {jsonFlag} from 'clinvk-plugin-sessions/lifecycle/session-command'
import {parseTime} from 'clinvk-kit/format/parse-age'
import {shortId} from 'clinvk-plugin-sessions/store/session-file'
import {SessionStore} from 'clinvk-plugin-sessions/store/store'
import {titleOf} from 'clinvk-plugin-sessions/view/labels'
import {readSources, sourceKey} from '../sync/sources.js'
import {syncNow} from '../sync/sync-now.js'
import {type Group, grouped, type Key, KEYS} from '../usage/group.js'
import {Ledger, type LedgerRow} from '../usage/ledger.js'
import {valuer} from '../usage/prices.js'
import {type About, remarks, usageCsv, usageJson, usageTable} from '../usage/view.js'

export default class Usage extends ClinvkCommand {
  static override summary = 'Show the tokens that agents have used, and what they are worth.'
  static override description =
    "Counts each call of a model once, from the agents' own records, also of conversations without clinvk, and keeps the numbers when sessions are deleted."
  static override examples = [
    '<%= config.bin %> usage',
    '<%= config.bin %> usage --by model --since 7d',
    '<%= config.bin %> usage --by session --backend codex --json',
    '<%= config.bin %> usage --by directory --since 2026-01-01 --csv > usage.csv',
  ]
  static completion = {flags: {backend: 'backend'}}
  static override flags = {
    by: Flags.option({description: 'What a row is for. Default: day.', options: KEYS})(),
    since: Flags.string({
      description: 'Only calls since then: an age (7d, 12h) or a date. Default: 30d.',
      helpValue: 'TIME',
    }),
    backend: Flags.string({char: 'b', description: 'Only calls of this backend.', helpValue: 'NAME'}),
    json: jsonFlag,
    csv: Flags.boolean({description: 'Print CSV.', exclusive: ['json']}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Usage)
    const {backend, by = 'day', csv, json, since: asked = '30d'} = flags
    const {cwd, env, stdout} = this.io
    const since = parseTime(asked, '--since')
    // The first day is a whole one.
    if (by === 'day' && !/[Tmh]/.test(asked)) since.setHours(0, 0, 0, 0)
    const {prices, session} = await loadSettings({cwd, env})
    if (session.store_token_usage) await syncNow(this.config)
    else this.note('session.store_token_usage is false: no usage is kept.')
    const store = new SessionStore(env)
    const tags = new Map(
      by === 'tag' ? [...store.entries()].map((entry) => [entry.id, entry.tags ?? []]) : [],
    )
    const worthOf = await valuer(prices)
    const unpriced = new Set<string>()
    const rows = session.store_token_usage ? new Ledger(env).rows() : []
    const {groups, total} = grouped(
      matching(rows, since, backend),
      by,
      (row) => {
        const worth = worthOf(row)
        if (worth.unpriced > 0) unpriced.add(row.model ?? '')
        return worth
      },
      (id = '') => tags.get(id) ?? [],
    )
    const aboutOf = by === 'session' ? this.#sessions(store, groups) : (group: Group) => aboutKey(group, by)
    const shown = groups.map((group) => ({...group, ...aboutOf(group)}))
    if (json) return this.printJson(usageJson(shown, total))
    if (csv) return this.print(usageCsv(shown, by))
    if (shown.length === 0) return this.print(`No usage since ${since.toLocaleString('sv').slice(0, 16)}.\n`)
    this.print(usageTable(shown, total, by, stdout.isTTY ? widthOf(stdout) : undefined))
    this.print(`\n${remarks(total.worth, [...unpriced])}`)
  }

  /** Sessions that still are there have titles, and so have conversations that were found. */
  #sessions(store: SessionStore, groups: readonly Group[]): (group: Group) => About {
    const ids = groups.flatMap(({key}) => key ?? [])
    const sessions = new Map(store.readAll(ids).map((session) => [session.id, session]))
    const {sources} = readSources(this.io.env)
    return ({key, sample: {backend, conversation}}) => {
      const session = sessions.get(key ?? '')
      const source = conversation === undefined ? undefined : sources.get(sourceKey({backend, conversation}))
      const title = session ? titleOf(session) : (source?.about.title ?? source?.prompt)
      const id = key === undefined ? (conversation ?? '') : shortId({id: key})
      const fields = {session: key, backend, backend_session_id: conversation, title}
      return {fields, label: title === undefined ? id : `${id}  ${title}`}
    }
  }
}

function* matching(
  rows: Iterable<LedgerRow>,
  since: Date,
  backend: string | undefined,
): Generator<LedgerRow> {
  for (const row of rows)
    if (Date.parse(row.at) >= since.getTime() && (backend === undefined || row.backend === backend)) yield row
}

function aboutKey({key}: Group, by: Key): About {
  const home = homedir()
  const short = by === 'directory' && (key === home || key?.startsWith(`${home}/`))
  const label = short ? `~${key!.slice(home.length)}` : key
  return {fields: {[by]: key}, label: label ?? (by === 'tag' ? '(no tag)' : '(unknown)')}
}
