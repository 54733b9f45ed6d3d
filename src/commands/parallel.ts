import {resolve} from 'node:path'
import {Flags, type Interfaces} from '@oclif/core'
import {ClinvkCommand} from 'clinvk-kit/command'
import {positive, withSafeExtra} from 'clinvk-kit/flags'
import {checkAll, readyTask} from '../runs/check-tasks.js'
import {taskFlags, workFlags} from '../runs/flags.js'
import {OutputDirectory} from '../runs/output-dir.js'
import {parallelJson} from '../runs/result-json.js'
import {runAll} from '../runs/run-all.js'
import {runTasks} from '../runs/run-tasks.js'
import {startRun, type Run} from '../runs/start-run.js'
import {summaryText} from '../runs/summary.js'
import {tasksFrom} from '../runs/task.js'
import {createProgress, createView} from '../runs/views/create-view.js'
import {TextView} from '../runs/views/text-view.js'
import {checkWork} from '../runs/description/check.js'
import {noteFormats} from '../runs/description/note-formats.js'
import {readWorkText} from '../runs/description/read-text.js'
import {parallelSchema} from '../runs/description/schema.js'

export default class Parallel extends ClinvkCommand {
  static override summary = 'Run many prompts at once.'
  static override description = `Each task is a session of its own. The file is a list of tasks, or an object that has one:

  tasks:
    - name: auth
      prompt: review auth.go
      backend: claude
    - name: tests
      prompt: write the missing tests
      backend: codex
      workdir: ../app
      timeout: 10m
  max_parallel: 2

Nothing runs where one task cannot. Exit code: 0 when all succeeded, 1 when some did not.`

  static override examples = [
    '<%= config.bin %> parallel --file tasks.yaml',
    '<%= config.bin %> parallel -f tasks.json --max-parallel 8 --fail-fast --json',
    'echo \'["review auth.go", "review db.go"]\' | <%= config.bin %> parallel -b codex',
  ]

  static override flags = {
    ...workFlags,
    'max-parallel': positive({
      description: 'How many run at once. Default: parallel.max_workers of the settings.',
      helpValue: 'N',
    }),
    'fail-fast': Flags.boolean({description: 'End the others when one has failed.', allowNo: true}),
    'output-dir': Flags.string({
      description: 'Write each result to a file of its own there, as it ends, and a summary.',
      helpValue: 'DIR',
    }),
    quiet: Flags.boolean({char: 'q', description: 'Print the summary only, and what goes wrong.'}),
    ...taskFlags,
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Parallel, withSafeExtra(this.argv))
    await startRun(this.config, flags, (run) => parallel(run, flags))
  }
}

async function parallel(run: Run, flags: ParallelFlags): Promise<number> {
  const {surroundings} = run
  const {cwd, place, settings} = surroundings
  const work = await checkWork(
    parallelSchema,
    'tasks',
    await readWorkText(flags.file, {command: 'parallel', cwd}),
  )
  const {dry_run: dryRun, timeout} = work
  const tasks = tasksFrom(work.tasks, {kind: 'task', run: run.id, flags, place, timeout, dryRun})
  const outputDir = flags['output-dir'] ?? work.output_dir
  const view = await createView(
    run.format,
    parallelJson,
    async () =>
      new TextView({
        answers: flags.quiet ? 'none' : process.stdout.isTTY ? 'blocks' : 'lines',
        keepsContent: outputDir !== undefined,
        progress: await createProgress({quiet: flags.quiet}),
        summary: (report) => (settings.parallel.aggregate_output ? summaryText(report, {noun: 'task'}) : ''),
      }),
  )
  const ready = await checkAll(tasks, (task) => readyTask(task, surroundings, view.output(task)))
  noteFormats(work.tasks, view)
  const directory =
    outputDir === undefined
      ? undefined
      : new OutputDirectory(resolve(cwd, outputDir), (message) => view.notice(message))
  // A switch that was not given is undefined, whatever oclif's types say.
  const asked: Partial<ParallelFlags> = flags
  return runTasks(ready, {
    run,
    view,
    directory,
    json: parallelJson,
    work: (interrupts, onEnd) =>
      runAll(ready, {
        maxParallel: flags['max-parallel'] ?? work.max_parallel ?? settings.parallel.max_workers,
        failFast: asked['fail-fast'] ?? work.fail_fast ?? settings.parallel.fail_fast,
        interrupts,
        onEnd,
      }),
  })
}

type ParallelFlags = Interfaces.InferredFlags<typeof Parallel.flags>
