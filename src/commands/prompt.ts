import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {TurnCommand} from 'clinvk-kit/command'
import {turnFlags} from 'clinvk-kit/flags'
import {sendPrompt} from '../prompt/send-prompt.js'

export default class Prompt extends TurnCommand {
  static override summary = 'Send a prompt to an agent. The word "prompt" can be left out.'
  static override description =
    'Starts a session or continues one. Prints the answer to stdout, everything else to stderr.'
  static override examples = [
    'clinvk "fix the bug in auth.go"',
    'clinvk -c "now add tests"',
    'clinvk --file task.md -b codex',
    '$ git diff | clinvk --stdin "review this"',
    'clinvk --ephemeral -o json "one question" | jq -r .content',
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
      description: 'Continue the last session.',
      helpGroup: 'SESSION',
      exclusive: ['session', 'new', 'ephemeral', 'name'],
    }),
    session: Flags.string({
      description: 'Continue this session: id, prefix of an id, name, or @last.',
      helpValue: 'ID',
      helpGroup: 'SESSION',
      exclusive: ['new', 'ephemeral', 'name'],
    }),
  }

  async run(): Promise<number> {
    const {args, flags} = await this.parse(Prompt)
    return sendPrompt({argument: args.prompt, flags}, this.config)
  }
}
