import {agentVersionNotice} from 'clinvk-kit/turn/agent-version'
import type {BackendStatus} from './backend-status.js'

/** What a user should know of a backend that is not in order, and what to do: sentences and commands. */
export function adviceOn({entry: {descriptor, name, plugin}, isEnabled, report}: BackendStatus): string[] {
  if (!isEnabled) return [`switched off by backends.${name}.enabled in the settings`]
  if (report.broken !== undefined) return [report.broken, `it comes from ${plugin}`]
  if (report.executable === undefined) return [`to install it: ${descriptor.install}`]
  const notice = agentVersionNotice(report.version, descriptor)
  return [
    ...(notice === undefined ? [] : [notice]),
    ...report.problems,
    ...(report.signedIn === false && descriptor.signIn !== undefined
      ? [`to sign in: ${descriptor.signIn}`]
      : []),
    ...(report.detail === undefined ? [] : [report.detail]),
  ]
}
