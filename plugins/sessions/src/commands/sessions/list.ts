import * as Flags from '@oclif/core/flags'
import {widthOf} from 'clinvk-kit/format/table'
import {jsonFlag, SessionCommand} from '../../lifecycle/session-command.js'
import {parseTime} from 'clinvk-kit/format/parse-age'
import {SORT_KEYS} from '../../store/index-entry.js'
import {STATUSES} from '../../store/status.js'
import {listSessions} from '../../view/list-sessions.js'
import {listJson} from '../../view/session-json.js'
import {sessionTable, summary} from '../../view/session-text.js'

export default class SessionsList extends SessionCommand {
  static override hiddenAliases = ['sessions', 'sessions:ls', 'ls']
  static override summary = 'List sessions, the last used first.'
  static override examples = [
    '<%= config.bin %> sessions list',
    '<%= config.bin %> sessions list --backend claude --status active --limit 5',
    '<%= config.bin %> sessions list --here --tag bug --since 7d --sort tokens',
    '<%= config.bin %> sessions list --all --here',
    '<%= config.bin %> sessions list --json | jq -r ".sessions[].id"',
  ]

  static override flags = {
    all: Flags.boolean({char: 'a', description: 'Also conversations that agents had without clinvk.'}),
    backend: Flags.string({char: 'b', description: 'Only sessions of this backend.', helpValue: 'NAME'}),
    status: Flags.option({
      description:
        'Only sessions in this state:\nactive: can be resumed\ncompleted: you closed it\npaused: the last turn was cancelled, killed or reached a limit\nerror: the last turn failed\nrunning: a turn runs now',
      helpValue: 'STATUS',
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
    sort: Flags.option({
      description: 'Sort by used (default), created, tokens or backend.',
      helpValue: 'KEY',
      options: SORT_KEYS,
    })(),
    limit: Flags.integer({
      char: 'n',
      description: 'Maximum number of rows; 0 means all. Default on a terminal: 50.',
      min: 0,
      helpValue: 'N',
    }),
    tree: Flags.boolean({
      description: 'Show forks below the sessions that they were forked from.',
      exclusive: ['json'],
    }),
    json: jsonFlag,
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(SessionsList)
    const {all, backend, here, json, limit, run, since, sort, status, tag: tags} = flags
    const {cwd, stdout} = this.io
    const isTable = stdout.isTTY === true && !json
    const question = {
      all,
      backend,
      status,
      directory: here ? cwd : undefined,
      tags,
      run,
      since: since === undefined ? undefined : parseTime(since, '--since'),
      limit: limit ?? (isTable ? TERMINAL_ROWS : 0),
      sort,
    }
    const shown = await listSessions(question, this.place)
    if (json) return this.printJson(listJson(shown))
    if (shown.sessions.length === 0) {
      this.print('No sessions found.\n')
      return this.noteUnknownBackend(backend)
    }
    const view = {isTree: flags.tree, terminalWidth: widthOf(stdout)}
    this.print(sessionTable(shown.sessions, this.io.now(), view))
    this.print(`\n${summary(shown, limit === undefined)}`)
  }
}

const TERMINAL_ROWS = 50
