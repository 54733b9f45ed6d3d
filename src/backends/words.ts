import type {BackendStatus} from './backend-status.js'

/** The agent's version, or why there is none. */
export function version({isEnabled, report, standing}: BackendStatus): string {
  if (!isEnabled) return 'switched off'
  if (report.broken !== undefined) return 'broken plugin'
  if (report.executable === undefined) return 'not installed'
  return [report.version ?? 'unknown', ...(standing === undefined ? [] : [standing])].join(' ')
}

export function signIn(status: BackendStatus): string {
  const signedIn = signedInOf(status)
  if (signedIn === undefined) return '-'
  return signedIn === 'unknown' ? 'unknown' : signedIn ? 'signed in' : 'not signed in'
}

/** Undefined where nobody was asked, or the agent needs no account. */
export function signedInOf({entry, isEnabled, report}: BackendStatus): boolean | 'unknown' | undefined {
  const {broken, executable, signedIn} = report
  if (!isEnabled || broken !== undefined || executable === undefined) return undefined
  return signedIn ?? (entry.descriptor.signIn === undefined ? undefined : 'unknown')
}

/** Where the program of the agent lies, with `~` for the home directory. */
export function foundAt({report: {executable}}: BackendStatus, home: string | undefined): string {
  const path = executable?.leading[0] ?? executable?.file
  if (path === undefined) return '-'
  return home && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}

/** That a user's plugin is used instead of another one: no backend changes hands in silence. */
export function replacement({plugin, pluginVersion, replaces}: BackendStatus['entry']): string | undefined {
  if (replaces === undefined) return undefined
  const other = replaces === plugin ? 'the one that came with clinvk' : replaces
  return `${plugin} ${pluginVersion} is used instead of ${other}`
}
