import {Args, Command, Flags} from '@oclif/core'
import {byName} from 'clinvk-kit/backends/not-installed'
import {backendsOf} from 'clinvk-kit/backends/discover'
import {currentDirectory} from 'clinvk-kit/files/current-directory'
import {Failure} from 'clinvk-kit/errors/failure'
import {duration, turnFlags} from 'clinvk-kit/flags'
import {exitCode} from 'clinvk-kit/errors/outcome'
import {loadSettings} from 'clinvk-kit/settings/load'
import {listenForInterrupts} from 'clinvk-kit/turn/interrupts'
import {backendJson} from '../../backends/backend-json.js'
import {backendStatuses} from '../../backends/backend-status.js'
import {ANSWER_MS} from '../../backends/patience.js'
import {pluginProblems} from '../../startup/load-config.js'

export default class Backends extends Command {
  static override summary = 'Show the agents that clinvk knows: found, version, signed in.'
  static override description =
    'Asks the agents themselves, which spends nothing. What is wrong, and how to repair it: clinvk doctor.'
  static override examples = [
    '<%= config.bin %> backends',
    '<%= config.bin %> backends codex',
    '<%= config.bin %> backends --json | jq -r ".backends[] | select(.signed_in == true) | .name"',
  ]

  static override args = {
    name: Args.string({description: 'All about this one.', ignoreStdin: true}),
  }

  static completion = {args: {name: 'backend'}}

  static override flags = {
    json: Flags.boolean({description: 'Print JSON.'}),
    timeout: duration({
      description: 'How long an agent may take to answer. Default: 5s.',
      helpValue: 'DURATION',
    }),
    config: turnFlags.config,
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Backends)
    const {env} = process
    const settings = await loadSettings({
      cwd: currentDirectory(),
      env,
      ...(flags.config === undefined ? {} : {file: flags.config}),
    })
    const {backends, problems} = backendsOf(this.config)
    const all = byName(backends)
    const chosen = args.name === undefined ? all : all.filter(({name}) => name === args.name)
    if (chosen.length === 0 && args.name !== undefined) {
      throw new Failure('unavailable', `There is no backend named ${args.name}.`, [
        `There are: ${all.map(({name}) => name).join(', ')}`,
        ...problems,
      ])
    }

    const {stop} = listenForInterrupts()
    const deadline = flags.timeout ?? ANSWER_MS
    const statuses = await backendStatuses(chosen, settings, {env, deadline, stop})
    if (stop.aborted) {
      process.exitCode = exitCode('cancelled', String(stop.reason))
      return
    }

    if (flags.json) {
      const [only] = statuses
      const list = {
        backends: statuses.map((status) => backendJson(status)),
        total: statuses.length,
        problems: [...pluginProblems(this.config).map(({message}) => message), ...problems],
      }
      const found = args.name === undefined ? list : backendJson(only!)
      process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`)
      return
    }

    for (const problem of problems) process.stderr.write(`Note: ${problem}\n`)
    if (args.name !== undefined) {
      const {backendDetails} = await import('../../backends/backend-details.js')
      process.stdout.write(backendDetails(statuses[0]!, env.HOME))
      return
    }

    const {backendTable} = await import('../../backends/backend-table.js')
    const {columns, isTTY} = process.stdout
    process.stdout.write(backendTable(statuses, env.HOME, isTTY ? columns : undefined))
  }
}
