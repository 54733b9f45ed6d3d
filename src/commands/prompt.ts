import {Args, Flags, type Interfaces} from '@oclif/core'
import {ClinvkCommand} from 'clinvk-kit/command'
import {isFailure} from 'clinvk-kit/failure'
import {turnFlags, withSafeExtra} from 'clinvk-kit/flags'
import {isDryRun, prepareTurn} from 'clinvk-kit/turn/prepare'
import {runTurn} from 'clinvk-kit/turn/run-turn'
import {createOutput} from '../output/create-output.js'
import {dryRun} from '../output/dry-run.js'
import {failureResult} from '../output/failure-result.js'
import {hurryOutput, keepStdout, print} from '../output/standard-streams.js'
import {readPrompt} from '../read-prompt.js'
import {turnRequest} from '../turn-request.js'
import {lookAround} from '../turn-surroundings.js'

export default class Prompt extends ClinvkCommand {
  static override summary = 'Send a prompt to an agent; the word "prompt" itself can be left out.'

  static override description =
    'Every prompt begins a session, or goes on with one. The answer comes on stdout, everything else on stderr.'

  static override examples = [
    '<%= config.bin %> "fix the bug in auth.go"',
    '<%= config.bin %> -c "now add tests"',
    '<%= config.bin %> --file task.md -b codex',
    'git diff | <%= config.bin %> --stdin "review this"',
    '<%= config.bin %> --ephemeral -o json "one question" | jq -r .content',
  ]

  static override args = {
    // oclif would wait ten milliseconds for stdin and drop what came later.
    prompt: Args.string({description: 'The prompt, one argument; - reads it from stdin.', ignoreStdin: true}),
  }

  static completion = {flags: {session: 'session:resumable'}}

  static override flags = {
    ...turnFlags,
    continue: Flags.boolean({
      char: 'c',
      description: 'Go on with the last session.',
      helpGroup: 'SESSION',
      exclusive: ['session', 'new', 'ephemeral', 'name'],
    }),
    session: Flags.string({
      description: 'Go on with this session: id, name, beginning of an id, or @last.',
      helpValue: 'ID',
      helpGroup: 'SESSION',
      exclusive: ['new', 'ephemeral', 'name'],
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Prompt, withSafeExtra(this.argv))
    const release = keepStdout()
    try {
      await this.#prompt(args.prompt, flags)
    } finally {
      release()
    }
  }

  async #prompt(argument: string | undefined, flags: PromptFlags): Promise<void> {
    const surroundings = await lookAround(this.config, flags)
    const {cwd, settings} = surroundings
    const configured = settings.output.format === 'default' ? 'text' : settings.output.format
    const format = flags.json ? 'json' : flags.raw ? 'text' : (flags['output-format'] ?? configured)
    if (!settings.output.color) process.env.NO_COLOR = '1'
    // A switch that was not given is undefined, whatever oclif's types say.
    const asked: Partial<typeof flags> = flags
    const output = createOutput(format, {
      showTokens: asked['show-tokens'] ?? settings.output.show_tokens,
      showTiming: asked['show-timing'] ?? settings.output.show_timing,
      raw: flags.raw,
    })

    try {
      const prompt = await readPrompt({
        cwd,
        appendStdin: flags.stdin,
        ...(argument === undefined ? {} : {argument}),
        ...(flags.file === undefined ? {} : {file: flags.file}),
      })
      for (const note of surroundings.notes) output.notice(note)
      const context = surroundings.context(output)
      const request = turnRequest(prompt, flags)
      const prepared = await prepareTurn(request, context)
      if (isDryRun(request, settings)) {
        await print(dryRun(prepared, format))
        return
      }

      const interrupts = this.io.interrupts()
      interrupts.hurry.addEventListener('abort', hurryOutput)
      const result = await runTurn(prepared, context, interrupts)
      process.exitCode = result.exit_code
    } catch (error) {
      if (!isFailure(error) || error.kind === 'internal') throw error
      const result = failureResult(error)
      await output.done(result)
      process.exitCode = result.exit_code
    }
  }
}

type PromptFlags = Interfaces.InferredFlags<typeof Prompt.flags>
