import {realpathSync} from 'node:fs'
import {Command, Flags} from '@oclif/core'
import {currentDirectory} from 'clinvk-kit/current-directory'
import {SessionStore} from '../../store.js'
import {isRunning, STATUSES, statusOf} from '../../status.js'
import type {SessionFile} from '../../session-file.js'

export default class SessionsList extends Command {
  static override summary = 'List sessions, the last used first.'
  static override examples = [
    '<%= config.bin %> sessions list',
    '<%= config.bin %> sessions list --backend claude --status active --limit 5',
    '<%= config.bin %> sessions list --json | jq -r ".sessions[].id"',
  ]

  static override flags = {
    backend: Flags.string({char: 'b', description: 'Only sessions of this backend.', helpValue: 'NAME'}),
    status: Flags.option({
      description: 'Only sessions in this state.',
      options: [...STATUSES, 'running'] as const,
    })(),
    here: Flags.boolean({description: 'Only sessions of the current directory.'}),
    limit: Flags.integer({char: 'n', description: 'At most so many; 0 means all.', min: 0, helpValue: 'N'}),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(SessionsList)
    const {sessions, unreadable} = new SessionStore(process.env).all()
    for (const file of unreadable)
      process.stderr.write(`Note: ${file} is no session file; it is left as it is.\n`)

    const here = flags.here ? realpathSync(currentDirectory()) : undefined
    const matching = sessions.filter(
      (session) =>
        (flags.backend === undefined || session.backend === flags.backend) &&
        (flags.status === undefined || isInState(session, flags.status)) &&
        (here === undefined || session.working_dir === here),
    )
    const terminal = process.stdout.isTTY
    const limit = flags.limit ?? (terminal && !flags.json ? SHOWN_ON_TERMINAL : 0)
    const shown = limit === 0 ? matching : matching.slice(0, limit)

    if (flags.json) {
      const {sessionJson} = await import('../../session-json.js')
      const list = {sessions: shown.map((session) => sessionJson(session)), total: matching.length}
      process.stdout.write(`${JSON.stringify(list, undefined, 2)}\n`)
      return
    }

    if (shown.length === 0) {
      process.stdout.write('No sessions found.\n')
      return
    }

    const {sessionTable} = await import('../../session-table.js')
    process.stdout.write(sessionTable(shown, new Date(), terminal ? process.stdout.columns : undefined))
    if (terminal && flags.limit === undefined && shown.length < matching.length) {
      process.stdout.write(`${shown.length} of ${matching.length}; --limit 0 shows all\n`)
    }
  }
}

function isInState(session: SessionFile, state: string): boolean {
  return state === 'running' ? isRunning(session) : statusOf(session) === state
}

const SHOWN_ON_TERMINAL = 50
