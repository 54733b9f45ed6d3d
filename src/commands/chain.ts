import {TurnCommand} from 'clinvk-kit/command'
import {settingSwitch} from 'clinvk-kit/flags'
import {runNew} from '../runs/kept-run.js'
import {runFileFlags, taskFlags} from '../runs/run-arguments.js'

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

With pass_session, each step continues the conversation of the one before, also of another agent; with pass_session_id, that of the last step before it with the same backend.`
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
    return runNew(this.config, {command: 'chain', flags})
  }
}
