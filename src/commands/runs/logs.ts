import {ClinvkCommand} from 'clinvk-kit/command'
import {findRun} from 'clinvk-kit/runs/store/kept-runs'
import * as Flags from '@oclif/core/flags'
import type {RunEvent} from 'clinvk-kit/runs/store/run-log'
import {followRun} from 'clinvk-kit/runs/store/follow'
import {runArg} from '../../runs/run-arguments.js'
import {endText} from '../../runs/summary.js'

export default class RunsLogs extends ClinvkCommand {
  static override summary = 'Print the events of a run, one a line.'
  static override description = 'What a task is saying just now: clinvk sessions log SESSION.'
  static override examples = [
    'clinvk runs logs 3616f072',
    'clinvk runs logs -f @last',
    'clinvk runs logs @last --json',
  ]
  static completion = {args: {run: 'run'}}
  static override args = {run: runArg}
  static override flags = {
    follow: Flags.boolean({
      char: 'f',
      description: 'Also print new events, until the run ends.',
    }),
    json: Flags.boolean({description: 'Print the lines of the log as they are, one object each.'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(RunsLogs)
    const {description, folder} = findRun(args.run, this.io.env)
    const {stop} = this.io.interrupts()
    for await (const event of followRun(folder, {follows: flags.follow, stop}))
      this.print(flags.json ? `${JSON.stringify(event)}\n` : `${lineOf(event, description.command)}\n`)
  }
}

/** `12:03:04  task 2  success in 3.0s, 120 tokens` */
function lineOf(event: RunEvent, command: string): string {
  const noun = command === 'chain' ? 'step' : 'task'
  const time = new Date(event.at).toTimeString().slice(0, 8)
  return `${time}  ${'task' in event ? `${noun} ${event.task}` : 'run'}  ${wordsOf(event)}`
}

function wordsOf(event: RunEvent): string {
  switch (event.type) {
    case 'run':
      return `process ${event.pid} runs it`
    case 'started':
      return `started (${event.backend})`
    case 'session':
      return `session ${event.session_id.slice(0, 8)}`
    case 'worktree': {
      const {end, path} = event.worktree
      return end
        ? `worktree ${end.isRemoved ? 'removed' : `kept: ${end.reasons.join(', ')}`}`
        : `worktree ${path}`
    }
    case 'waiting':
      return event.until === undefined
        ? 'continues'
        : `waits for a limit until ${new Date(event.until).toTimeString().slice(0, 8)}`
    case 'retry':
      return 'will run again'
    case 'ended':
      return `${event.state}, exit code ${event.exit_code}`
    case 'done':
      return endText(event.result.outcome, event.result)
  }
}
