import {realpathSync} from 'node:fs'
import {Command, Flags} from '@oclif/core'
import {currentDirectory} from 'clinvk-kit/files/current-directory'
import {Failure} from 'clinvk-kit/errors/failure'
import {loadSettings} from 'clinvk-kit/settings/load'
import {parseTime} from '../../resolve/parse-age.js'
import {SORT_KEYS} from '../../store/filter.js'
import {STATUSES} from '../../store/status.js'
import {SessionStore} from '../../store/store.js'
import {listJson, withoutUsage} from '../../view/session-json.js'

export default class SessionsList extends Command {
  static override summary = 'List sessions, the last used first.'
  static override examples = [
    '<%= config.bin %> sessions list',
    '<%= config.bin %> sessions list --backend claude --status active --limit 5',
    '<%= config.bin %> sessions list --here --tag bug --since 7d --sort tokens',
    '<%= config.bin %> sessions list --json | jq -r ".sessions[].id"',
  ]

  static override flags = {
    backend: Flags.string({char: 'b', description: 'Only sessions of this backend.', helpValue: 'NAME'}),
    status: Flags.option({
      description: 'Only sessions in this state.',
      options: [...STATUSES, 'running'] as const,
    })(),
    here: Flags.boolean({description: 'Only sessions of the current directory.'}),
    tag: Flags.string({
      description: 'Only sessions with this tag. Repeatable: with all of them.',
      helpValue: 'TAG',
      multiple: true,
      multipleNonGreedy: true,
    }),
    since: Flags.string({
      description: 'Only sessions used since then: an age (7d, 12h) or a date.',
      helpValue: 'TIME',
    }),
    run: Flags.string({
      description: 'Only sessions of this run of parallel, chain or compare.',
      helpValue: 'ID',
    }),
    sort: Flags.option({description: 'What to go by. Default: used.', options: SORT_KEYS})(),
    limit: Flags.integer({char: 'n', description: 'At most so many; 0 means all.', min: 0, helpValue: 'N'}),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(SessionsList)
    const {session: settings} = await loadSettings({cwd: currentDirectory(), env: process.env})
    const terminal = process.stdout.isTTY && !flags.json
    const list = new SessionStore(process.env).list(
      {
        backend: flags.backend,
        status: flags.status,
        directory: flags.here ? realpathSync(currentDirectory()) : undefined,
        tags: flags.tag,
        run: flags.run === undefined ? undefined : runId(flags.run),
        since: flags.since === undefined ? undefined : parseTime(flags.since, '--since'),
      },
      {limit: flags.limit ?? (terminal ? SHOWN_ON_TERMINAL : 0), sort: flags.sort ?? 'used'},
    )
    for (const sentence of list.skipped) process.stderr.write(`Note: ${sentence}\n`)

    const shown = settings.store_token_usage
      ? list
      : {...list, sessions: list.sessions.map((session) => withoutUsage(session)), tokens: undefined}
    if (flags.json) {
      process.stdout.write(`${JSON.stringify(listJson(shown), undefined, 2)}\n`)
      return
    }

    if (list.sessions.length === 0) {
      process.stdout.write('No sessions found.\n')
      return
    }

    const {sessionTable, summary} = await import('../../view/session-table.js')
    process.stdout.write(
      sessionTable(shown.sessions, new Date(), terminal ? process.stdout.columns : undefined),
    )
    process.stdout.write(`\n${summary(shown, flags.limit === undefined)}`)
  }
}

function runId(text: string): string {
  if (/^[0-9a-f]{4,32}$/.test(text)) return text
  throw new Failure('usage', `"${text}" is no id of a run: 4 to 32 of the digits 0-9 and a-f are expected.`, [
    'parallel, chain and compare say it at their end.',
  ])
}

const SHOWN_ON_TERMINAL = 50
