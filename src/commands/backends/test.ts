import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {exitCode} from 'clinvk-kit/errors/failure'

export default class BackendsTest extends ClinvkCommand {
  static override summary = 'Check a backend: with recorded runs of its agent, or with the agent itself.'
  static override description =
    'Replays the fixtures of its package, undamaged and damaged, and checks what the backend makes of them. Needs no agent and no account. With --live the real agent runs, too, against the endpoint that --env names; only that proves resume, ephemeral, sandbox and cancel.\nExits with 0 when no check failed, 1 when one did, 2 when there is no such backend, 3 when the fixtures cannot be read.'
  static override examples = [
    'clinvk backends test ./clinvk-backend-x',
    'clinvk backends test claude',
    'clinvk backends test x --json | jq -r ".backends[].checks[] | select(.state == \\"failed\\") | .id"',
    'clinvk backends test x --live --env X_API_KEY --env X_BASE_URL=http://127.0.0.1:8080 --yes',
  ]
  static override args = {
    backend: Args.string({
      description: 'An installed backend, or the directory of its package.',
      required: true,
      ignoreStdin: true,
    }),
  }
  static override flags = {
    fixtures: Flags.string({
      description: 'Directory of the fixtures. Default: fixtures, in the package.',
      helpValue: 'DIR',
    }),
    json: Flags.boolean({description: 'Print JSON.'}),
    live: Flags.boolean({description: 'Also test the real agent, after asking: its turns may cost money.'}),
    env: Flags.string({
      description: 'Variable for the agent; without a value, that of this shell. Repeatable.',
      helpValue: 'NAME[=VALUE]',
      multiple: true,
      multipleNonGreedy: true,
      dependsOn: ['live'],
    }),
    home: Flags.string({
      description: 'Home directory of the agent. Default: an empty one, removed afterwards.',
      helpValue: 'DIR',
      dependsOn: ['live'],
    }),
    model: Flags.string({
      char: 'm',
      description: 'Model of the agent.',
      helpValue: 'MODEL',
      dependsOn: ['live'],
    }),
    yes: Flags.boolean({char: 'y', description: 'With --live: do not ask.', dependsOn: ['live']}),
  }

  async run(): Promise<number> {
    const {args, flags} = await this.parse(BackendsTest)
    const {env = [], json, ...rest} = flags
    const {reportText, testBackends} = await import('../../backends/test-backends.js')
    const tested = await testBackends({...rest, ...args, env}, {config: this.config, io: this.io})
    if (!tested) {
      this.note('Nothing was sent.')
      return 0
    }
    if (json) this.printJson(tested)
    else this.print(tested.backends.map((report) => reportText(report, this.io)).join('\n'))
    const {stop} = this.io.interrupts()
    if (!stop.aborted) return tested.ok ? 0 : 1
    this.note('Cancelled.')
    return exitCode('cancelled', String(stop.reason))
  }
}
