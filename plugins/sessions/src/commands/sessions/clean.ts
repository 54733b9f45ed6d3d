import {Command, Flags} from '@oclif/core'
import {currentDirectory} from 'clinvk-kit/files/current-directory'
import {relativeTime} from 'clinvk-kit/format/relative-time'
import {loadSettings} from 'clinvk-kit/settings/load'
import {announce} from '../../lifecycle/announce.js'
import {parseAge} from '../../resolve/parse-age.js'
import {type SessionFile, shortId} from '../../store/session-file.js'
import {isRunning} from '../../store/status.js'
import {SessionStore} from '../../store/store.js'
import {titleOf} from '../../view/labels.js'

export default class SessionsClean extends Command {
  static override summary = 'Delete sessions that were not used for long.'
  static override description =
    "Goes by last use, asks nothing and needs no agent: made for cron. Running sessions stay, and so do the agents' own records."
  static override examples = [
    '<%= config.bin %> sessions clean --older-than 30d',
    '<%= config.bin %> sessions clean --dry-run',
    '<%= config.bin %> sessions clean',
  ]

  static override flags = {
    'older-than': Flags.string({
      description: 'Not used for so long: 45m, 12h, 30d, 2w. Default: session.retention_days.',
      helpValue: 'AGE',
    }),
    'dry-run': Flags.boolean({description: 'Say what would be deleted.'}),
    yes: Flags.boolean({char: 'y', description: 'Accepted for scripts: nothing is asked anyway.'}),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(SessionsClean)
    const {session: settings} = await loadSettings({cwd: currentDirectory(), env: process.env})
    const days = settings.retention_days
    const asked = flags['older-than']
    if (asked === undefined && days === 0) {
      print(
        flags.json,
        {deleted: [], skipped: []},
        'Nothing is deleted: session.retention_days is 0, keep for ever.\n',
      )
      return
    }

    const age = parseAge(
      asked ?? String(days),
      asked === undefined ? 'session.retention_days' : '--older-than',
    )
    const store = new SessionStore(process.env)
    const before = new Date(Date.now() - age)
    const {sessions: old, skipped: unreadable} = store.list({before})
    for (const sentence of unreadable) process.stderr.write(`Note: ${sentence}\n`)
    const skipped = old.filter((session) => isRunning(session))
    const doomed = old.filter((session) => !skipped.includes(session))
    const deleted = flags['dry-run'] ? doomed : await this.#delete(doomed, before, store)

    const which = asked === undefined ? `${days} day${days === 1 ? '' : 's'}` : asked
    const count = `${deleted.length} session${deleted.length === 1 ? '' : 's'} older than ${which}`
    print(
      flags.json,
      {
        ...(flags['dry-run'] ? {dry_run: true} : {}),
        deleted: deleted.map(({id}) => id),
        skipped: skipped.map(({id}) => id),
      },
      flags['dry-run']
        ? `Would delete ${count}${deleted.length > 0 ? ':' : '.'}\n${rows(deleted)}`
        : `Deleted ${count}.\n`,
      skipped.length > 0 ? `${skipped.length} of that age stay: they are running.\n` : '',
    )
  }

  /** Deletes what is still as old as it was, and tells of it. */
  async #delete(doomed: readonly SessionFile[], before: Date, store: SessionStore): Promise<SessionFile[]> {
    const deleted: SessionFile[] = []
    for (const session of doomed) {
      // Used or deleted by somebody meanwhile.
      const isOld = (now: SessionFile) => !isRunning(now) && Date.parse(now.last_used) < before.getTime()
      if (!(await store.delete(session.id, isOld))) continue
      deleted.push(session)
      await announce(this.config, 'session:deleted', session)
    }

    return deleted
  }
}

function rows(sessions: readonly SessionFile[]): string {
  const now = new Date()
  return sessions
    .map((session) => {
      const {backend, last_used: used} = session
      return `  ${shortId(session)}  ${backend}  ${relativeTime(new Date(used), now)}  ${titleOf(session)}\n`
    })
    .join('')
}

function print(asJson: boolean, json: object, ...texts: string[]): void {
  process.stdout.write(asJson ? `${JSON.stringify(json, undefined, 2)}\n` : texts.join(''))
}
