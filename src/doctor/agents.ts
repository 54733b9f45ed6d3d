import {isAgent} from 'clinvk-kit/backends/find-executable'
import type {Finding} from 'clinvk-kit/hooks/doctor'
import {agentVersionNotice} from 'clinvk-kit/turn/agent-version'
import type {BackendStatus} from '../backends/backend-status.js'
import {signInLabel, versionLabel} from '../backends/backend-table.js'
import type {DoctorContext} from './context.js'

/** Agents: found, in a tested version, signed in. Only what is wrong with the default one is a problem. */
export async function agentFindings(context: DoctorContext): Promise<Finding[]> {
  const statuses = (await context.statuses()).filter(({report}) => report.broken === undefined)
  const findings = statuses.flatMap((status) => findingsOn(status))
  if (statuses.some(({isDefault}) => isDefault)) return findings
  const message = `The default backend is ${context.settings.default_backend}, but no backend of that name works.`
  const hints = [`Choose another: ${statuses.map(({entry}) => entry.name).join(', ')}`]
  return [{state: 'problem', message, hints}, ...findings]
}

function findingsOn(status: BackendStatus): Finding[] {
  const {entry, isDefault, isEnabled, report, signedIn} = status
  const {descriptor, name} = entry
  const title = `${name}: ${descriptor.title}`
  if (!isEnabled) {
    const message = `${title} is switched off by backends.${name}.enabled in the settings`
    return [{state: isDefault ? 'problem' : 'ok', message}]
  }
  if (report.executable === undefined) {
    const message = `${title} is not installed`
    if (!isDefault) return [{state: 'ok', message: `${message}; to install it: ${descriptor.install}`}]
    return [{state: 'problem', message: `${message}.`, hints: [`Install it: ${descriptor.install}`]}]
  }
  const {account, detail, problems} = report
  const found: Finding[] = []
  const warn = (message: string, hints: readonly string[]) => found.push({state: 'warning', message, hints})
  const signIn = [detail, descriptor.signIn].filter((hint) => hint !== undefined)
  const notice = agentVersionNotice(report.version, descriptor)
  if (notice !== undefined)
    warn(`${name}: ${notice}`, status.standing === 'too old' ? [`Get the latest: ${descriptor.install}`] : [])
  if (signedIn === false)
    found.push({
      state: isDefault ? 'problem' : 'warning',
      message: `${title} is not signed in.`,
      hints: signIn,
    })
  if (signedIn === 'unknown')
    warn(`${title}: it is unknown whether you are signed in.`, [
      ...problems,
      ...signIn,
      `Try it: clinvk doctor --live ${name}`,
    ])
  else if (problems.length > 0) warn(`${title} did not answer.`, problems)
  if (found.length > 0) return found
  const by = signedIn && account !== undefined ? ` (${account})` : ''
  const known = report.version === undefined ? 'version unknown' : versionLabel(status)
  return [{state: 'ok', message: `${title} ${known}${isAgent(entry) ? `, ${signInLabel(status)}${by}` : ''}`}]
}
