import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {backendsOf, unknownBackend} from 'clinvk-kit/backends/discover'
import {byName} from 'clinvk-kit/backends/find-executable'
import {ClinvkCommand} from 'clinvk-kit/command'
import {Failure} from 'clinvk-kit/errors/failure'
import {duration, turnFlags} from 'clinvk-kit/flags'
import {loadSettings} from 'clinvk-kit/settings/load'
import {backendJson, backendStatuses, PROBE_TIMEOUT_MS} from '../../backends/backend-status.js'
import {withProgress} from '../../output/live-line.js'
import {pluginProblems} from '../../startup/load-config.js'

export default class Backends extends ClinvkCommand {
  static override hiddenAliases = ['backends:list']
  static override summary =
    'List the backends: version of the agent, whether you are signed in, where it was found.'
  static override description =
    'Asks the agents themselves, at no cost. To find and repair problems: clinvk doctor.'
  static override examples = [
    'clinvk backends',
    'clinvk backends codex',
    'clinvk backends --json | jq -r ".backends[] | select(.signed_in == true) | .name"',
  ]
  static override args = {
    name: Args.string({description: 'Show the details of this backend.', ignoreStdin: true}),
  }
  static completion = {args: {name: 'backend'}}
  static override flags = {
    json: Flags.boolean({description: 'Print JSON.'}),
    timeout: duration({
      description: 'Maximum time for an agent to answer. Default: 15s.',
      helpValue: 'TIME',
    }),
    config: turnFlags.config,
  }

  async run(): Promise<number> {
    const {args, flags} = await this.parse(Backends)
    const {cwd, env, stdout} = this.io
    const settings = await loadSettings({cwd, env, file: flags.config})
    const {backends, problems} = await backendsOf(this.config)
    const all = byName(backends)
    const chosen = args.name === undefined ? all : all.filter(({name}) => name === args.name)
    if (chosen.length === 0 && args.name !== undefined) throw unknownBackend(args.name, backends)
    const {stop} = this.io.interrupts()
    const deadline = flags.timeout ?? PROBE_TIMEOUT_MS
    const statuses = await withProgress(this.io, 'asking the agents', () =>
      backendStatuses(chosen, settings, {env, deadline, stop}),
    )
    if (stop.aborted) throw new Failure('cancelled', 'Cancelled.')
    const only = args.name === undefined ? undefined : statuses[0]
    if (flags.json) {
      this.printJson(
        only
          ? backendJson(only)
          : {
              backends: statuses.map((status) => backendJson(status)),
              total: statuses.length,
              problems: [...pluginProblems(this.config).map(({message}) => message), ...problems],
            },
      )
      return 0
    }
    for (const problem of problems) this.note(problem)
    const {backendDetails, backendTable} = await import('../../backends/backend-table.js')
    const {widthOf} = await import('clinvk-kit/format/table')
    this.print(only ? backendDetails(only, env.HOME) : backendTable(statuses, env.HOME, widthOf(stdout)))
    return 0
  }
}
