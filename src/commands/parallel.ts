import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {TurnCommand} from 'clinvk-kit/command'
import {Failure} from 'clinvk-kit/errors/failure'
import {positive, settingSwitch} from 'clinvk-kit/flags'
import {quoteCommand} from 'clinvk-kit/format/text'
import {runNew} from '../runs/kept-run.js'
import {runFileFlags, taskFlags} from '../runs/run-arguments.js'

export default class Parallel extends TurnCommand {
  static override summary = 'Run many prompts at the same time.'
  static override description = `Each task is a session of its own. Its prompt is an argument, or stands in a file.

A run file:

  tasks:
    - name: auth
      prompt: review auth.go
      backend: claude
    - name: tests
      prompt: write the tests
      workdir: ../app
      timeout: 10m
    - prompt: "fix what this review found: {{tasks.auth.output}}"
      needs: [auth, tests]
  max_parallel: 2

A task with needs starts as soon as those have succeeded; when: failure or when: always says otherwise. If one task cannot run, none is started. What happened is kept: clinvk runs. Exit code: 0 if all succeeded, 11 where --max-tokens or --max-cost has stopped it, else 1.`
  static override examples = [
    'clinvk parallel "review auth.go" "review db.go"',
    'clinvk parallel --file tasks.yaml',
    'clinvk parallel -f tasks.json --max-parallel 8 --fail-fast --json',
    'clinvk parallel -f tasks.yaml --detach',
    'clinvk parallel "fix the parser" "speed up the index" --worktree',
    '$ echo \'["review auth.go", "review db.go"]\' | clinvk parallel -b codex',
  ]
  static override strict = false
  static override args = {
    prompts: Args.string({description: 'Prompts, one argument each.', ignoreStdin: true}),
  }
  static override flags = {
    ...runFileFlags,
    'max-parallel': positive({
      description: 'Maximum number of tasks at the same time. Default: the setting parallel.max_workers.',
      helpValue: 'N',
    }),
    'fail-fast': settingSwitch({description: 'Stop the other tasks when one fails.'}),
    worktree: Flags.boolean({description: 'Run each task in a worktree of git and on a branch of its own.'}),
    'worktree-dirty': Flags.option({
      description: 'Whether worktrees leave your uncommitted changes out (default), or copy them.',
      helpValue: 'leave|copy',
      options: ['leave', 'copy'] as const,
    })(),
    base: Flags.string({
      description: 'Commit that worktrees start from. Default: the one that is checked out.',
      helpValue: 'REF',
    }),
    'output-dir': Flags.string({
      description: 'Write each result and a summary to files in this directory.',
      helpValue: 'DIR',
    }),
    ...taskFlags,
  }

  async run(): Promise<number> {
    const {argv, flags} = await this.parse(Parallel)
    const [first] = argv as string[]
    if (argv.length === 1 && /^\S+\.(ya?ml|json)$/.test(first!)) {
      throw new Failure('usage', `${first} is the name of a file, not a prompt.`, [
        `Try: clinvk parallel --file ${quoteCommand([first!])}`,
      ])
    }
    return runNew(this.config, {command: 'parallel', flags, prompts: argv as string[]})
  }
}
