import {isAgent} from 'clinvk-kit/backends/find-executable'
import type {Check, Finding} from 'clinvk-kit/hooks/doctor'
import {agentVersionNotice} from 'clinvk-kit/turn/agent-version'
import type {BackendStatus} from '../backends/backend-status.js'
import {signInLabel, versionLabel} from '../backends/backend-table.js'
import type {DoctorContext} from './context.js'

/** Agents: found, in a tested version, signed in. Only what is wrong with the default one is a problem. */
export function agentsCheck(context: DoctorContext): Check {
  return {
    name: 'agents',
    async run() {
      const statuses = (await context.statuses()).filter(({report}) => report.broken === undefined)
      const wanted = context.settings.default_backend
      const unknown: Finding[] = statuses.some(({isDefault}) => isDefault)
        ? []
        : [
            {
              state: 'problem',
              message: `The default backend is ${wanted}, but no backend of that name works.`,
              hints: [`Choose another: ${statuses.map(({entry}) => entry.name).join(', ')}`],
            },
          ]
      return [...unknown, ...statuses.flatMap((status) => findingsOn(status))]
    },
  }
}

function findingsOn(status: BackendStatus): Finding[] {
  const {entry, isDefault, isEnabled, report} = status
  const {descriptor, name} = entry
  const title = `${name}: ${descriptor.title}`
  const serious = isDefault ? 'problem' : 'warning'
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
  const {signedIn} = status
  const hints = descriptor.signIn === undefined ? [] : [descriptor.signIn]
  const more = detail === undefined ? [] : [detail]
  const found: Finding[] = []
  const notice = agentVersionNotice(report.version, descriptor)
  if (notice !== undefined)
    found.push({
      state: 'warning',
      message: `${name}: ${notice}`,
      hints: status.standing === 'too old' ? [`Get the latest: ${descriptor.install}`] : [],
    })
  if (signedIn === false)
    found.push({state: serious, message: `${title} is not signed in.`, hints: [...more, ...hints]})
  if (signedIn === 'unknown') {
    const message = `${title}: it is unknown whether you are signed in.`
    found.push({
      state: 'warning',
      message,
      hints: [...more, ...problems, ...hints, `Try it: clinvk doctor --live ${name}`],
    })
  } else if (problems.length > 0)
    found.push({state: 'warning', message: `${title} did not answer.`, hints: problems})
  if (found.length > 0) return found

  const by = signedIn && account !== undefined ? ` (${account})` : ''
  const known = report.version === undefined ? 'version unknown' : versionLabel(status)
  const state = isAgent(entry) ? `${known}, ${signInLabel(status)}${by}` : known
  return [{state: 'ok', message: `${title} ${state}`}]
}
