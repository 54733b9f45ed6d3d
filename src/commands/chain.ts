import {Flags, type Interfaces} from '@oclif/core'
import {ClinvkCommand} from 'clinvk-kit/command'
import {withSafeExtra} from 'clinvk-kit/flags'
import {checkStep, runChain, type CheckedStep} from '../runs/chain.js'
import {chainJson} from '../runs/chain-report.js'
import {checkAll} from '../runs/check-tasks.js'
import {taskFlags, workFlags} from '../runs/flags.js'
import type {RunReport} from '../runs/result-json.js'
import {runTasks} from '../runs/run-tasks.js'
import {startRun, type Run} from '../runs/start-run.js'
import {summaryText} from '../runs/summary.js'
import {tasksFrom} from '../runs/task.js'
import {ChainView} from '../runs/views/chain-view.js'
import {createView} from '../runs/views/create-view.js'
import {checkWork} from '../runs/description/check.js'
import {noteFormats} from '../runs/description/note-formats.js'
import {readWorkText} from '../runs/description/read-text.js'
import {chainSchema} from '../runs/description/schema.js'
import type {TaskDescription} from '../runs/description/task-schema.js'

export default class Chain extends ClinvkCommand {
  static override summary = 'Run prompts one after the other, each with what those before have said.'
  static override description = `Each step is a session of its own. The file is a list of steps, or an object that has one:

  steps:
    - name: find
      prompt: find the bug in auth.go
      backend: claude
    - name: fix
      prompt: "fix it: {{previous}}"
      backend: codex
    - prompt: "was it fixed? {{steps.find.output}} {{steps.fix.output}}"
  pass_session_id: true

With pass_session_id steps of the same backend go on with one conversation. The chain stops at the first step that
fails, unless stop_on_failure is false.`

  static override examples = [
    '<%= config.bin %> chain --file steps.yaml',
    '<%= config.bin %> chain -f steps.json --json | jq -r ".results[-1].output"',
    '<%= config.bin %> chain --quiet < steps.yaml > answer.md',
  ]

  static override flags = {
    ...workFlags,
    'stop-on-failure': Flags.boolean({
      description: 'Stop at the first step that fails. Default: yes.',
      allowNo: true,
    }),
    quiet: Flags.boolean({char: 'q', description: 'Print the answer of the last step only.'}),
    ...taskFlags,
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Chain, withSafeExtra(this.argv))
    await startRun(this.config, flags, (run) => chain(run, flags))
  }
}

async function chain(run: Run, flags: ChainFlags): Promise<number> {
  const {surroundings} = run
  const {cwd, place, settings} = surroundings
  const work = await checkWork(chainSchema, 'steps', await readWorkText(flags.file, {command: 'chain', cwd}))
  const {dry_run: dryRun, pass_session_id: passes, persist_sessions: persists, timeout} = work
  const descriptions = work.pass_working_dir ? passedOn(work.steps) : work.steps
  const tasks = tasksFrom(descriptions, {kind: 'step', run: run.id, flags, place, timeout, dryRun})
  const json = (report: RunReport) => chainJson(report, tasks.length)
  const view = await createView(
    run.format,
    json,
    () =>
      new ChainView({
        quiet: flags.quiet,
        showTokens: settings.output.show_tokens,
        showTiming: settings.output.show_timing,
        total: tasks.length,
        summary: (report) => summaryText(report, {noun: 'step', total: tasks.length}),
      }),
  )
  const options = {surroundings, view, passSession: passes ?? persists ?? false}
  const steps: CheckedStep[] = []
  await checkAll(tasks, async (task) => steps.push(await checkStep(task, steps, options)))
  noteFormats(work.steps, view)
  // A switch that was not given is undefined, whatever oclif's types say.
  const asked: Partial<ChainFlags> = flags
  const stopOnFailure = asked['stop-on-failure'] ?? work.stop_on_failure ?? true
  return runTasks(steps, {
    run,
    view,
    json,
    work: (interrupts, onEnd) => runChain(steps, {stopOnFailure, interrupts, onEnd}),
  })
}

/** A step that names no directory runs where the one before it does. */
function passedOn(steps: readonly TaskDescription[]): TaskDescription[] {
  let workdir: string | undefined
  return steps.map((step) => {
    workdir = step.workdir ?? workdir
    return workdir === undefined ? step : {...step, workdir}
  })
}

type ChainFlags = Interfaces.InferredFlags<typeof Chain.flags>
