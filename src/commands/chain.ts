import {TurnCommand} from 'clinvk-kit/command'
import {settingSwitch} from 'clinvk-kit/flags'
import {prepareAll, prepareStep} from '../runs/prepare-tasks.js'
import {chainJson, type RunReport} from '../runs/result.js'
import {createView, noteFormats, runTasks, startRun} from '../runs/run.js'
import {chainSchema, type TaskDescription} from '../runs/run-file-schema.js'
import {pathsIn, readRunFile} from '../runs/run-file.js'
import {summaryText} from '../runs/summary.js'
import {runFileFlags, taskFlags, tasksFrom} from '../runs/task.js'
import {chainView} from '../runs/text-view.js'

export default class Chain extends TurnCommand {
  static override summary = 'Run prompts one after the other; each can use the answers before it.'
  static override description = `Each step is a session of its own. A run file:

  steps:
    - name: find
      prompt: find the bug in auth.go
      backend: claude
    - name: fix
      prompt: "fix it: {{previous}}"
      backend: codex
    - "was it fixed? {{steps.find.output}} {{steps.fix.output}}"
  pass_session: true

With pass_session, each step continues the conversation of the one before, also of another agent; with
pass_session_id, that of the last step before it with the same backend.`
  static override examples = [
    'clinvk chain --file steps.yaml',
    'clinvk chain -f steps.json --json | jq -r ".results[-1].output"',
    'clinvk chain --quiet < steps.yaml > answer.md',
  ]
  static override flags = {
    ...runFileFlags,
    'stop-on-failure': settingSwitch({description: 'Stop at the first step that fails (default).'}),
    ...taskFlags,
  }

  async run(): Promise<number> {
    const {flags} = await this.parse(Chain)
    const run = await startRun(this.config, flags)
    const {context} = run
    const {io, place, printer, settings} = context
    const file = await readRunFile(chainSchema, 'steps', flags.file, io)
    const {pass_session: handsOver, pass_session_id: passes, persist_sessions: persists} = file
    const descriptions = file.pass_working_dir ? withWorkdirOfPrevious(file.steps) : file.steps
    const inFile = pathsIn(flags.file, place, io)
    const tasks = tasksFrom(descriptions, {kind: 'step', run: run.id, flags, place, inFile, beside: file})
    const total = tasks.length
    const json = (report: RunReport) => chainJson(report, total)
    const view = await createView(run, json, () =>
      chainView(printer, {
        quiet: flags.quiet,
        showTokens: settings.output.show_tokens,
        showTiming: settings.output.show_timing,
        total,
        summary: (report) => summaryText(report, printer, {noun: 'step', total}),
      }),
    )
    const names = tasks.map(({id, name}) => name ?? id)
    const passSession = handsOver ? 'any backend' : (passes ?? persists) ? 'same backend' : undefined
    const options = {names, passSession} as const
    const ready = await prepareAll(tasks, (task, before) =>
      prepareStep(task, before, context, view.output(task), options),
    )
    noteFormats(file.steps, view)
    const stops = flags['stop-on-failure'] ?? file.stop_on_failure ?? true
    return runTasks(run, ready, {
      view,
      json,
      schedule: {maxParallel: 1, onFailure: stops ? 'stop' : 'continue'},
    })
  }
}

/** A step that names no directory runs where the one before it does. */
function withWorkdirOfPrevious(steps: readonly TaskDescription[]): TaskDescription[] {
  let workdir: string | undefined
  return steps.map((step) => {
    workdir = step.workdir ?? workdir
    return workdir === undefined ? step : {...step, workdir}
  })
}
