import {ClinvkCommand} from 'clinvk-kit/command'
import * as Flags from '@oclif/core/flags'
import {table, widthOf} from 'clinvk-kit/format/table'
import {formatNumber, oneLine} from 'clinvk-kit/format/text'
import {relativeTime} from 'clinvk-kit/format/time'
import {listRuns, type RunSummary} from 'clinvk-kit/runs/store/kept-runs'
import {runJsonFlag} from '../../runs/run-arguments.js'

export default class Runs extends ClinvkCommand {
  static override hiddenAliases = ['runs:list', 'runs:ls']
  static override summary = 'List runs of parallel and chain, the newest first.'
  static override description =
    'States: running; done, all tasks have succeeded; failed; cancelled, by you; paused, by a cap; interrupted, its process was killed. To run the unfinished tasks: clinvk runs resume ID'
  static override examples = [
    'clinvk runs',
    'clinvk runs --json | jq -r ".runs[0].id"',
    'clinvk runs --state failed',
  ]
  static override flags = {
    state: Flags.option({
      description: 'Only runs in this state: running, done, failed, cancelled, paused or interrupted.',
      helpValue: 'STATE',
      options: ['running', 'done', 'failed', 'cancelled', 'paused', 'interrupted'] as const,
    })(),
    limit: Flags.integer({
      char: 'n',
      description: 'Maximum number of rows; 0 means all. Default on a terminal: 20.',
      min: 0,
      helpValue: 'N',
    }),
    json: runJsonFlag,
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Runs)
    const {json, limit = this.io.stdout.isTTY && !json ? 20 : 0, state} = flags
    const {problems, runs} = listRuns(this.io.env)
    for (const {message} of problems) this.note(oneLine(message))
    const all = runs.map(({summary}) => summary)
    const found = all.filter((run) => state === undefined || run.state === state)
    const shown = limit === 0 ? found : found.slice(0, limit)
    if (json) return this.printJson({runs: shown, total: found.length})
    if (shown.length === 0) return this.print('No runs found.\n')
    const rows = shown.map((run) => rowOf(run, this.io.now()))
    this.print(table(COLUMNS, rows, widthOf(this.io.stdout)))
    if (shown.length < found.length) this.print(`\n${shown.length} of ${found.length} runs. All: --limit 0\n`)
  }
}

const COLUMNS = [
  {title: 'RUN', width: 8},
  {title: 'STATE', width: 11},
  {title: 'TASKS', width: 6},
  {title: 'TOKENS', width: 8},
  {title: 'STARTED', width: 14},
  {title: 'DIRECTORY', width: 0},
]

function rowOf({id, started_at, state, tasks, total_tokens, working_dir}: RunSummary, now: Date): string[] {
  const failed = tasks.failed === 0 ? '' : `, ${tasks.failed} failed`
  return [
    id.slice(0, 8),
    state,
    `${tasks.done}/${tasks.total}${failed}`,
    formatNumber(total_tokens),
    relativeTime(new Date(started_at), now),
    oneLine(working_dir),
  ]
}
