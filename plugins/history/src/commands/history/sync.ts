import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {counted, formatNumber} from 'clinvk-kit/format/text'
import {checkStopped, userOf} from '../../sync/caller.js'
import {syncFor} from '../../sync/sync-now.js'

export default class HistorySync extends ClinvkCommand {
  static override summary =
    'Read what agents have recorded since the last time: for search, usage and the archive.'
  static override description =
    'clinvk search starts it by itself. Suitable for cron: it asks nothing, and does nothing while another one runs.'
  static override examples = ['<%= config.bin %> history sync', '<%= config.bin %> history sync --quiet']
  static override flags = {
    quiet: Flags.boolean({char: 'q', description: 'Print only errors.'}),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(HistorySync)
    const user = userOf(this.config)
    const caller = flags.quiet ? {...user, progress: undefined} : user
    const {conversations, index, read, skipped, state} = await syncFor(caller)
    if (flags.json) this.printJson({state, conversations, read, index: index === 'written', skipped})
    else if (!flags.quiet) {
      for (const sentence of skipped) this.note(sentence)
      if (index === 'no SQLite')
        this.note('There is no search index, because this Node has no SQLite: use 22.13 or later.')
      if (index === 'newer')
        this.note('The search index was made by a later version of clinvk and is left as it is.')
      const text = `Read ${formatNumber(read)} of ${counted(conversations, 'conversation')}.\n`
      this.print(state === 'busy' ? 'Another clinvk process reads them already.\n' : text)
    }

    checkStopped(user)
  }
}
