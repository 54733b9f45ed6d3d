import * as Flags from '@oclif/core/flags'
import {backendsOf} from 'clinvk-kit/backends/discover'
import {ClinvkCommand} from 'clinvk-kit/command'
import {formatNumber} from 'clinvk-kit/format/text'
import {clinvkHome} from 'clinvk-kit/settings/files'
import {loadSettings} from 'clinvk-kit/settings/load'
import {join} from 'node:path'
import {archivedConversations, bytesOf} from '../../archive/archive.js'
import {bytesBelow, countBytes, formatBytes} from '../../archive/size.js'
import {soonDeleted} from '../../archive/soon-deleted.js'

interface BackendHistory {
  readonly backend: string
  readonly archived: number
  readonly archive_bytes: number
  /** Conversations that the agent deletes within 7 days, and that are not in the archive. */
  readonly soon_deleted: readonly string[]
}

export default class History extends ClinvkCommand {
  static override summary = 'Show what is archived and indexed, and what an agent deletes soon.'
  static override description =
    'clinvk writes a transcript of each turn, and copies the records that agents keep of sessions. What is where: docs/guide/history.md.'
  static override examples = ['<%= config.bin %> history', '<%= config.bin %> history --json']
  static override flags = {json: Flags.boolean({description: 'Print JSON.'})}

  async run(): Promise<void> {
    const {flags} = await this.parse(History)
    const {cwd, env} = this.io
    const {history: settings} = await loadSettings({cwd, env})
    const bytes = await countBytes(env)
    const index = bytesBelow(join(clinvkHome(env), 'history'))
    const backends = await this.#backends()
    if (flags.json)
      return this.printJson({
        archive: settings.archive,
        max_size: settings.max_size,
        transcripts_bytes: bytes.transcripts,
        archive_bytes: bytes.archive,
        index_bytes: index,
        backends,
      })
    const rows = [
      ['Transcripts', formatBytes(bytes.transcripts)],
      ['Archive', `${formatBytes(bytes.archive)} (history.archive: ${settings.archive})`],
      ['Index, ledger', formatBytes(index)],
      [
        'Together',
        `at most ${settings.max_size === '0' ? 'any size' : settings.max_size} (history.max_size)`,
      ],
      ...backends.map(({archive_bytes, archived, backend}) => [
        backend,
        `${formatNumber(archived)} archived, ${formatBytes(archive_bytes)}`,
      ]),
    ]
    this.print(rows.map(([name, text]) => `${`${name}:`.padEnd(15)} ${text}\n`).join(''))
    for (const {backend, soon_deleted: soon} of backends)
      if (soon.length > 0)
        this.print(
          `\n${backend} deletes within 7 days, and the archive lacks:\n${soon.map((id) => `  ${id}\n`).join('')}` +
            'Keep them: clinvk config set history.archive all, then clinvk history sync\n',
        )
  }

  async #backends(): Promise<BackendHistory[]> {
    const {env} = this.io
    const all = archivedConversations(env)
    const found: BackendHistory[] = []
    for (const entry of (await backendsOf(this.config)).backends.values()) {
      const own = all.filter(({backend}) => backend === entry.name)
      const soon = await soonDeleted(entry, env, (message) => this.note(message))
      const size = own.reduce((total, {files}) => total + bytesOf(files), 0)
      if (own.length > 0 || soon.length > 0)
        found.push({backend: entry.name, archived: own.length, archive_bytes: size, soon_deleted: soon})
    }

    return found
  }
}
