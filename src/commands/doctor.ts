import * as Flags from '@oclif/core/flags'
import {unknownBackend} from 'clinvk-kit/backends/discover'
import {ClinvkCommand} from 'clinvk-kit/command'
import {Failure} from 'clinvk-kit/errors/failure'
import {duration, turnFlags} from 'clinvk-kit/flags'
import {quoteCommand} from 'clinvk-kit/format/text'
import {PROBE_TIMEOUT_MS} from '../backends/backend-status.js'
import {doctorContext} from '../doctor/context.js'
import {type Examination, report} from '../doctor/report.js'
import {withProgress} from '../output/live-line.js'

export default class Doctor extends ClinvkCommand {
  static override summary = 'Check the installation, settings, plugins, agents and sessions, and repair them.'
  static override description = 'Changes nothing without --fix. Exit code 1 if there are problems.'
  static override examples = [
    'clinvk doctor',
    'clinvk doctor --fix',
    'clinvk doctor --json | jq -r ".findings[] | select(.state != \\"ok\\") | .message"',
    'clinvk doctor --live codex',
  ]
  static override flags = {
    fix: Flags.boolean({description: 'Repair what can be repaired safely, and report it.'}),
    live: Flags.string({
      description: 'Send one small prompt to this backend, on your account, after confirmation.',
      helpValue: 'BACKEND',
      exclusive: ['fix'],
    }),
    yes: Flags.boolean({
      char: 'y',
      description: 'With --live: do not ask for confirmation.',
      dependsOn: ['live'],
    }),
    json: Flags.boolean({description: 'Print JSON.'}),
    timeout: duration({
      description: 'Maximum time for an agent to answer. Default: 15s.',
      helpValue: 'TIME',
    }),
    config: turnFlags.config,
  }

  async run(): Promise<number> {
    const {flags} = await this.parse(Doctor)
    const {stop} = this.io.interrupts()
    const {config: file, live, timeout: deadline = PROBE_TIMEOUT_MS} = flags
    const look = async () =>
      (await import('../doctor/checks.js')).examine(
        await doctorContext(this.config, this.io, {deadline, file, stop}),
        flags.fix ? this.io : undefined,
      )
    // With --fix it may ask.
    const show = () => (flags.fix ? look() : withProgress(this.io, 'looking', look))
    const examination = await (live === undefined ? show() : this.#live(live, flags.yes, file))
    if (stop.aborted) throw new Failure('cancelled', 'Cancelled.')
    const isOk = examination.findings.every(({state}) => state !== 'problem')
    if (flags.json) this.printJson({ok: isOk, ...examination})
    else this.print(report(examination, this.io))
    return isOk ? 0 : 1
  }

  async #live(backend: string, isConfirmed: boolean, file: string | undefined): Promise<Examination> {
    const {LIVE_PROMPT, liveFinding, liveTurn} = await import('../doctor/live.js')
    const {lookAround} = await import('clinvk-kit/turn/surroundings')
    const surroundings = await lookAround(this.config, this.io, {file})
    const entry = surroundings.backends.get(backend)
    if (!entry) throw unknownBackend(backend, surroundings.backends)
    const {title} = entry.descriptor
    if (!isConfirmed) {
      const {confirmed} = await import('clinvk-kit/format/ask-yes')
      const what = `"${LIVE_PROMPT}" to ${title} on your account`
      if (!(await confirmed('send', what, quoteCommand(['clinvk', 'doctor', '--live', backend]), this.io))) {
        const finding = {check: 'live', state: 'ok', message: 'Nothing was sent.', repairable: false} as const
        return {findings: [finding], repaired: []}
      }
    }
    const turn = await liveTurn(backend, surroundings, (message) => this.note(message))
    const finding = liveFinding(title, turn)
    return {findings: [{check: 'live', ...finding, repairable: false}], repaired: [], turn}
  }
}
