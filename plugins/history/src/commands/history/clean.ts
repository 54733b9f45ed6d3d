import {existsSync, readdirSync, rmSync, statSync} from 'node:fs'
import {basename, join} from 'node:path'
import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {counted} from 'clinvk-kit/format/text'
import {clinvkHome} from 'clinvk-kit/settings/files'
import {parseAge} from 'clinvk-kit/format/parse-age'
import {archivedConversations, bytesOf, removeArchived} from '../../archive/archive.js'
import {countBytes, formatBytes} from '../../archive/size.js'
import {startSync} from '../../sync/places.js'
import {sourceKey} from '../../sync/sources.js'

export default class HistoryClean extends ClinvkCommand {
  static override summary = 'Delete old transcripts and archived records.'
  static override description =
    "Uses the time of the last change. Sessions, the agents' own records and the numbers of `clinvk usage` are kept."
  static override examples = [
    '<%= config.bin %> history clean --older-than 180d --dry-run',
    '<%= config.bin %> history clean --older-than 180d --yes',
  ]
  static override flags = {
    'older-than': Flags.string({
      description: 'Minimum time since the last change: 30d, 26w.',
      helpValue: 'AGE',
      required: true,
    }),
    'dry-run': Flags.boolean({description: 'Show what would be deleted.'}),
    yes: Flags.boolean({char: 'y', description: 'Do not ask for confirmation.'}),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(HistoryClean)
    const age = flags['older-than']
    const before = this.io.now().getTime() - parseAge(age, '--older-than')
    const transcripts = this.#transcripts().filter(({changedAt}) => changedAt < before)
    const archived = archivedConversations(this.io.env).filter(({files, updatedAt}) => {
      const changed = Math.max(...files.map(({changedAt}) => changedAt), Date.parse(updatedAt ?? '') || 0)
      return changed < before
    })
    const bytes =
      transcripts.reduce((total, {size}) => total + size, 0) +
      archived.reduce((total, {files}) => total + bytesOf(files), 0)
    const what = `${counted(transcripts.length, 'transcript')} and ${counted(archived.length, 'archived record')} older than ${age} (${formatBytes(bytes)})`
    const isDry = flags['dry-run']
    const isEmpty = transcripts.length + archived.length === 0
    if (!isDry && !isEmpty && !flags.yes) {
      const {confirmed} = await import('clinvk-kit/format/ask-yes')
      const command = `clinvk history clean --older-than ${age}`
      if (!(await confirmed('remove', what, command, this.io))) return this.print('Nothing was deleted.\n')
    }

    let kept = 0
    if (!isDry && !isEmpty) {
      const conversations = new Set<string>()
      for (const {path} of transcripts) rmSync(path, {force: true})
      for (const {backend, id} of archived.sort((a, b) => a.children.length - b.children.length))
        if (await removeArchived(this.io.env, backend, id))
          conversations.add(sourceKey({backend, conversation: id}))
        else kept++
      await countBytes(this.io.env)
      const sessions = new Set(transcripts.map(({path}) => basename(path, '.jsonl')))
      await (await import('../../sync/forget.js')).forget(this.io.env, {conversations, sessions})
      // For what agents still have of them.
      startSync(this.config.root, this.io.env)
    }

    if (flags.json)
      return this.printJson({
        dry_run: isDry || undefined,
        transcripts: transcripts.length,
        archived: archived.length - kept,
        kept,
        bytes,
      })
    this.print(`${isDry ? 'Would delete' : 'Deleted'} ${what}.\n`)
    if (kept > 0) this.print(`Kept ${counted(kept, 'record')} that other conversations need.\n`)
  }

  #transcripts(): {path: string; size: number; changedAt: number}[] {
    const directory = join(clinvkHome(this.io.env), 'transcripts')
    if (!existsSync(directory)) return []
    return readdirSync(directory).map((name) => {
      const path = join(directory, name)
      const {mtimeMs: changedAt, size} = statSync(path)
      return {path, size, changedAt}
    })
  }
}
