import * as Flags from '@oclif/core/flags'
import {counted} from 'clinvk-kit/format/text'
import {loadSettings} from 'clinvk-kit/settings/load'
import {announceDeleted} from '../../lifecycle/place.js'
import {jsonFlag, SessionCommand} from '../../lifecycle/session-command.js'
import {parseAge} from 'clinvk-kit/format/parse-age'
import {sessionRow} from '../../resolve/resolve-session.js'
import {type SessionFile, shortId} from '../../store/session-file.js'
import {isRunning} from '../../store/status.js'

export default class SessionsClean extends SessionCommand {
  static override summary = 'Delete sessions that were not used for a long time.'
  static override description =
    "Suitable for cron: uses the time of last use, asks nothing and needs no agent. Running sessions and the agents' own records are kept."
  static override examples = [
    '<%= config.bin %> sessions clean --older-than 30d',
    '<%= config.bin %> sessions clean --dry-run',
    '<%= config.bin %> sessions clean',
  ]

  static override flags = {
    'older-than': Flags.string({
      description: 'Minimum time since the last use: 45m, 12h, 30d, 2w. Default: session.retention_days.',
      helpValue: 'AGE',
    }),
    'dry-run': Flags.boolean({description: 'Show what would be deleted.'}),
    yes: Flags.boolean({char: 'y', description: 'Accepted for scripts; nothing is asked without it either.'}),
    json: jsonFlag,
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(SessionsClean)
    const {retention_days: days} = (await loadSettings(this.io)).session
    const given = flags['older-than']
    if (given === undefined && days === 0) {
      const text = 'Nothing is deleted: session.retention_days is 0, keep for ever.\n'
      return flags.json ? this.printJson({deleted: [], skipped: []}) : this.print(text)
    }

    const flag = given === undefined ? 'session.retention_days' : '--older-than'
    const now = this.io.now()
    const before = new Date(now.getTime() - parseAge(given ?? String(days), flag))
    const {sessions: old, skipped: foreign} = this.store.list({before})
    for (const sentence of foreign) this.note(sentence)
    const skipped = old.filter(isRunning)
    const stopped = old.filter((session) => !skipped.includes(session))
    const isDry = flags['dry-run']
    const deleted = isDry ? stopped : await this.#delete(stopped, before)
    if (flags.json) {
      const [deletedIds, skippedIds] = [deleted, skipped].map((sessions) => sessions.map(({id}) => id))
      return this.printJson({dry_run: isDry || undefined, deleted: deletedIds, skipped: skippedIds})
    }

    const count = `${counted(deleted.length, 'session')} older than ${given ?? counted(days, 'day')}`
    const rows = deleted.map((session) => `  ${sessionRow(session, shortId(session), now)}\n`).join('')
    const list = deleted.length > 0 ? `:\n${rows}` : '.\n'
    this.print(isDry ? `Would delete ${count}${list}` : `Deleted ${count}.\n`)
    if (skipped.length > 0) this.print(`Kept ${counted(skipped.length, 'running session')} of that age.\n`)
  }

  /** Deletes what is still as old as it was. */
  async #delete(sessions: readonly SessionFile[], before: Date): Promise<SessionFile[]> {
    // Another process may have used it meanwhile.
    const isOld = (now: SessionFile) => !isRunning(now) && Date.parse(now.last_used) < before.getTime()
    const ids = sessions.map(({id}) => id)
    const deleted = await this.store.deleteAll(ids, isOld)
    await announceDeleted(deleted, this.place)
    return deleted
  }
}
