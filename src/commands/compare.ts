import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {TurnCommand} from 'clinvk-kit/command'
import {turnFlags} from 'clinvk-kit/flags'
import {randomHex} from 'clinvk-kit/format/random-id'
import {runComparison} from 'clinvk-kit/runs/compare'
import type {PromptContext} from '../prompt/context.js'
import {readPrompt} from '../prompt/read-prompt.js'
import {compareText} from '../runs/compare-text.js'
import {taskFlags} from '../runs/run-arguments.js'
import {withRunView} from '../runs/run-view.js'
import {textView} from '../runs/text-view.js'

const {backend: _one, fallback: _other, ...shared} = taskFlags

export default class Compare extends TurnCommand {
  static override summary = 'Send one prompt to several agents and show their answers side by side.'
  static override description =
    'The agents run at the same time, each in its own session, in the same directory. Use --sequential if they edit files.'
  static override examples = [
    'clinvk compare --backends claude,codex "how does auth.go check a password?"',
    'clinvk compare -b claude -b gemini --sandbox-mode read-only --file question.md',
    'clinvk compare --from abc123 -b claude,codex "what did we forget?"',
    'clinvk compare --all-backends --json "is this safe?" | jq -r ".results[].output"',
  ]
  static override args = {
    prompt: Args.string({description: 'The prompt, one argument; - reads it from stdin.', ignoreStdin: true}),
  }
  static completion = {flags: {backend: 'backend', backends: 'backend', from: 'session'}}
  static override flags = {
    backends: Flags.string({
      description: 'The agents to compare: claude,codex. Repeatable.',
      helpValue: 'NAMES',
      multiple: true,
      multipleNonGreedy: true,
      exclusive: ['all-backends'],
    }),
    backend: Flags.string({
      char: 'b',
      description: 'One of the agents to compare. Repeatable.',
      helpValue: 'NAME',
      multiple: true,
      multipleNonGreedy: true,
      exclusive: ['all-backends'],
    }),
    'all-backends': Flags.boolean({description: 'Compare every installed agent.'}),
    from: Flags.string({
      description: 'Each agent continues a copy of this session; also the id of an agent.',
      helpValue: 'SESSION',
      exclusive: ['ephemeral'],
    }),
    sequential: Flags.boolean({description: 'Run the agents one after the other.'}),
    'output-dir': Flags.string({
      description: 'Write each result and a summary to files in this directory.',
      helpValue: 'DIR',
    }),
    file: turnFlags.file,
    stdin: turnFlags.stdin,
    ...shared,
  }

  async run(): Promise<number> {
    const {args, flags} = await this.parse(Compare)
    const {file, from, quiet, sequential, stdin: appendStdin} = flags
    const named = [...(flags.backends ?? []), ...(flags.backend ?? [])]
      .flatMap((list) => list.split(','))
      .map((name) => name.trim())
      .filter((name) => name !== '')
    const names = flags['all-backends'] ? ('all' as const) : [...new Set(named)]
    const example = 'clinvk compare --backends claude,codex "how does auth.go check a password?"'
    const source = {argument: args.prompt, file, appendStdin, example}
    const textViewOf = ({printer}: PromptContext) =>
      textView(printer, {
        answers: 'summary',
        quiet,
        summary: (report) => compareText(report, printer, {quiet}),
      })
    return withRunView(this.config, flags, textViewOf, async (context, view) => {
      const {io, printer} = context
      const prompt = await readPrompt(source, io, view.notice.bind(view))
      const interrupts = io.interrupts()
      printer.hurryAt(interrupts.hurry)
      const asked = {id: randomHex(), prompt, names, flags: {...flags, backend: undefined}, from, sequential}
      return runComparison(asked, context, view, interrupts)
    })
  }
}
