import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {parseTime} from 'clinvk-kit/format/parse-age'
import {widthOf} from 'clinvk-kit/format/table'
import {jsonFlag} from 'clinvk-plugin-sessions/lifecycle/session-command'
import {userOf} from '../sync/caller.js'
import {KEYS} from '../usage/group.js'
import {reportUsage} from '../usage/report.js'
import {remarks, usageCsv, usageJson, usageTable} from '../usage/view.js'

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
    by: Flags.option({
      description: 'A row for each day (default), backend, model, directory, tag or session.',
      helpValue: 'KEY',
      options: KEYS,
    })(),
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
    const {stdout} = this.io
    const since = parseTime(asked, '--since')
    // The first day is a whole one.
    if (by === 'day' && !/[Tmh]/.test(asked)) since.setHours(0, 0, 0, 0)
    const {rows, total, unpriced} = await reportUsage({by, since, backend}, userOf(this.config))
    if (json) return this.printJson(usageJson(rows, total))
    if (csv) return this.print(usageCsv(rows, by))
    if (rows.length === 0) {
      this.print(`No usage since ${since.toLocaleString('sv').slice(0, 16)}.\n`)
      return this.noteUnknownBackend(backend)
    }
    this.print(usageTable(rows, total, by, stdout.isTTY ? widthOf(stdout) : undefined))
    this.print(`\n${remarks(total.worth, unpriced)}`)
  }
}
