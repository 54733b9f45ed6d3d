import {Command, type Config, Flags} from '@oclif/core'
import {byName} from 'clinvk-kit/backends/not-installed'
import {backendsOf} from 'clinvk-kit/backends/discover'
import {currentDirectory} from 'clinvk-kit/files/current-directory'
import {Failure, isFailure} from 'clinvk-kit/errors/failure'
import {duration, turnFlags} from 'clinvk-kit/flags'
import {exitCode} from 'clinvk-kit/errors/outcome'
import {loadSettings} from 'clinvk-kit/settings/load'
import {DEFAULTS, type Settings} from 'clinvk-kit/settings/settings'
import {type Interrupts, listenForInterrupts} from 'clinvk-kit/turn/interrupts'
import {backendStatuses, type BackendStatus} from '../backends/backend-status.js'
import {ANSWER_MS} from '../backends/patience.js'
import type {DoctorContext} from '../doctor/context.js'
import type {Examination} from '../doctor/examine.js'
import {problems, report} from '../doctor/report.js'

export default class Doctor extends Command {
  static override summary = 'Check the whole set-up, and repair it.'
  static override description =
    'Node, the installation, settings, plugins, agents, sessions. Changes nothing without --fix; exits with 1 while there are problems.'
  static override examples = [
    '<%= config.bin %> doctor',
    '<%= config.bin %> doctor --fix',
    '<%= config.bin %> doctor --json | jq -r ".findings[] | select(.state != \\"ok\\") | .message"',
    '<%= config.bin %> doctor --live codex',
  ]

  static override flags = {
    fix: Flags.boolean({description: 'Repair what can be repaired safely, and say what was done.'}),
    live: Flags.string({
      description: 'Send one tiny prompt to this backend, on your account, after asking.',
      helpValue: 'BACKEND',
      exclusive: ['fix'],
    }),
    yes: Flags.boolean({char: 'y', description: 'With --live: do not ask.', dependsOn: ['live']}),
    json: Flags.boolean({description: 'Print JSON.'}),
    timeout: duration({
      description: 'How long an agent may take to answer. Default: 5s.',
      helpValue: 'DURATION',
    }),
    config: turnFlags.config,
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Doctor)
    const interrupts = listenForInterrupts()
    const context = await this.#context(flags.config, flags.timeout ?? ANSWER_MS, interrupts)
    const examination =
      flags.live === undefined
        ? await this.#examine(context, flags.fix)
        : await this.#live(flags.live, flags.yes, context, interrupts)
    if (interrupts.stop.aborted) {
      process.exitCode = exitCode('cancelled', String(interrupts.stop.reason))
      return
    }

    const isWell = problems(examination.findings).length === 0
    process.stdout.write(
      flags.json
        ? `${JSON.stringify({ok: isWell, ...examination}, undefined, 2)}\n`
        : report(examination, process.stdout),
    )
    if (!isWell) process.exitCode = 1
  }

  async #examine(context: DoctorContext, fix: boolean): Promise<Examination> {
    const {allChecks} = await import('../doctor/checks.js')
    const {examine} = await import('../doctor/examine.js')
    return examine(await allChecks(context), fix)
  }

  async #live(
    backend: string,
    yes: boolean,
    context: DoctorContext,
    interrupts: Interrupts,
  ): Promise<Examination> {
    const {LIVE_PROMPT, liveTurn} = await import('../doctor/live.js')
    const {liveFinding} = await import('../doctor/live-finding.js')
    if (context.settingsFailure) throw context.settingsFailure
    const title = backendsOf(this.config).backends.get(backend)?.descriptor.title ?? backend
    if (!yes) {
      if (!process.stdin.isTTY) {
        throw new Failure('usage', `This would send "${LIVE_PROMPT}" to ${title} on your account.`, [
          `Without a terminal, say so: clinvk doctor --live ${backend} --yes`,
        ])
      }

      const {askYes} = await import('../output/ask-yes.js')
      if (!(await askYes(`This sends "${LIVE_PROMPT}" to ${title} on your account. Go on?`, process)))
        return {
          findings: [{check: 'live', state: 'ok', message: 'Nothing was sent.', repairable: false}],
          repaired: [],
        }
    }

    const turn = await liveTurn(backend, context, interrupts)
    const finding = liveFinding(title, turn)
    return {findings: [{check: 'live', ...finding, repairable: false}], repaired: [], turn}
  }

  async #context(file: string | undefined, deadline: number, {stop}: Interrupts): Promise<DoctorContext> {
    const {env} = process
    const {config} = this
    const {failure, settings} = await settingsOf(file, config)
    let statuses: Promise<BackendStatus[]> | undefined
    return {
      config,
      env,
      settings,
      statuses: () =>
        (statuses ??= backendStatuses(byName(backendsOf(config).backends), settings, {env, deadline, stop})),
      ...(failure === undefined ? {} : {settingsFailure: failure}),
      ...(file === undefined ? {} : {settingsFile: file}),
    }
  }
}

/** Doctor runs on any file: what is wrong with it is one of its findings. */
async function settingsOf(
  file: string | undefined,
  config: Config,
): Promise<{settings: Settings; failure?: Failure}> {
  const cwd = currentDirectory()
  const installed = {backends: backendsOf(config).backends, plugins: config.plugins.keys()}
  try {
    return {settings: await loadSettings({cwd, env: process.env, file, project: cwd, installed})}
  } catch (error) {
    if (isFailure(error)) return {settings: DEFAULTS, failure: error}
    throw error
  }
}
