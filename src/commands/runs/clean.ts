import {ClinvkCommand} from 'clinvk-kit/command'
import {existsSync} from 'node:fs'
import * as Flags from '@oclif/core/flags'
import {parseAge} from 'clinvk-kit/format/parse-age'
import {counted, oneLine} from 'clinvk-kit/format/text'
import {listRuns, type ReadRun} from 'clinvk-kit/runs/store/kept-runs'
import {runJsonFlag} from '../../runs/run-arguments.js'

export default class RunsClean extends ClinvkCommand {
  static override summary = 'Delete the logs of runs that ended a long time ago.'
  static override description =
    'Their sessions stay. Runs that are running are kept, and those with worktrees in which something has changed.'
  static override examples = [
    'clinvk runs clean --older-than 30d',
    'clinvk runs clean --older-than 1w --dry-run',
  ]
  static override flags = {
    'older-than': Flags.string({
      description: 'Minimum time since something happened in them: 12h, 30d, 2w.',
      helpValue: 'AGE',
      required: true,
    }),
    'dry-run': Flags.boolean({description: 'Show what would be deleted.'}),
    json: runJsonFlag,
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(RunsClean)
    const before = this.io.now().getTime() - parseAge(flags['older-than'], '--older-than')
    const {problems, runs} = listRuns(this.io.env)
    for (const {message} of problems) this.note(oneLine(message))
    const old = runs.filter(
      ({summary}) => summary.state !== 'running' && Date.parse(summary.updated_at) < before,
    )
    const deletable = old.filter((run) => !hasWorktree(run))
    if (deletable.length < old.length)
      this.note(
        `${counted(old.length - deletable.length, 'run')} kept because of worktrees. To remove them: clinvk runs drop ID`,
      )
    const isDry = flags['dry-run']
    const ids = deletable.flatMap(({folder, summary: {id}}) => {
      if (isDry) return [id]
      try {
        const lock = folder.acquire(id)
        folder.remove()
        lock.release()
        return [id]
      } catch {
        // Somebody resumes it just now.
        return []
      }
    })
    if (flags.json) return this.printJson({dry_run: isDry || undefined, deleted: ids})
    const rows = isDry ? ids.map((id) => `  ${id.slice(0, 8)}\n`).join('') : ''
    this.print(
      `${isDry ? 'Would delete' : 'Deleted'} ${counted(ids.length, 'run')}${rows === '' ? '.' : ':'}\n${rows}`,
    )
  }
}

function hasWorktree({tasks}: ReadRun): boolean {
  return tasks.some(({tree}) => tree && !tree.end?.isRemoved && existsSync(tree.path))
}
