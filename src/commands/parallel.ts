import {Flags} from '@oclif/core'
import {TurnCommand} from 'clinvk-kit/command'
import {positive, settingSwitch} from 'clinvk-kit/flags'
import {prepareAll, prepareTask} from '../runs/prepare-tasks.js'
import {parallelJson} from '../runs/result.js'
import {createView, noteFormats, runTasks, startRun} from '../runs/run.js'
import {parallelSchema} from '../runs/run-file-schema.js'
import {pathsIn, readRunFile} from '../runs/run-file.js'
import {summaryText} from '../runs/summary.js'
import {runFileFlags, taskFlags, tasksFrom} from '../runs/task.js'
import {textView} from '../runs/text-view.js'

export default class Parallel extends TurnCommand {
  static override summary = 'Run many prompts at the same time.'
  static override description = `Each task is a session of its own. A run file:

  tasks:
    - name: auth
      prompt: review auth.go
      backend: claude
    - name: tests
      prompt: write the tests
      workdir: ../app
      timeout: 10m
  max_parallel: 2

If one task cannot run, none is started. Exit code: 0 if all succeeded, else 1.`
  static override examples = [
    'clinvk parallel --file tasks.yaml',
    'clinvk parallel -f tasks.json --max-parallel 8 --fail-fast --json',
    'echo \'["review auth.go", "review db.go"]\' | clinvk parallel -b codex',
  ]
  static override flags = {
    ...runFileFlags,
    'max-parallel': positive({
      description: 'Maximum number of tasks at the same time. Default: the setting parallel.max_workers.',
      helpValue: 'N',
    }),
    'fail-fast': settingSwitch({description: 'Stop the other tasks when one fails.'}),
    'output-dir': Flags.string({
      description: 'Write each result and a summary to files in this directory.',
      helpValue: 'DIR',
    }),
    ...taskFlags,
  }

  async run(): Promise<number> {
    const {flags} = await this.parse(Parallel)
    const run = await startRun(this.config, flags)
    const {context} = run
    const {io, place, printer, settings} = context
    const file = await readRunFile(parallelSchema, 'tasks', flags.file, io)
    const inFile = pathsIn(flags.file, place, io)
    const tasks = tasksFrom(file.tasks, {kind: 'task', run: run.id, flags, place, inFile, beside: file})
    const outputDir = flags['output-dir'] ?? (file.output_dir && inFile(file.output_dir))
    const view = await createView(run, parallelJson, () =>
      textView(printer, {
        answers: flags.quiet ? 'none' : io.stdout.isTTY ? 'blocks' : 'lines',
        keepsContent: outputDir !== undefined,
        quiet: flags.quiet,
        summary: (report) =>
          settings.parallel.aggregate_output ? summaryText(report, printer, {noun: 'task'}) : '',
      }),
    )
    const ready = await prepareAll(tasks, (task) => prepareTask(task, context, view.output(task)))
    noteFormats(file.tasks, view)
    const failFast = flags['fail-fast'] ?? file.fail_fast ?? settings.parallel.fail_fast
    return runTasks(run, ready, {
      view,
      outputDir,
      json: parallelJson,
      schedule: {
        maxParallel: flags['max-parallel'] ?? file.max_parallel ?? settings.parallel.max_workers,
        onFailure: failFast ? 'cancel' : 'continue',
      },
    })
  }
}
