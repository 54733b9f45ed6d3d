import type {Bench} from './bench.js'
import type {Check} from './check.js'
import {ISOLATION_CHECKS} from './checks/code.js'
import {EVENT_CHECKS} from './checks/events.js'
import {OPTIONAL_CHECKS} from './checks/optional.js'
import {PACKAGE_CHECKS} from './checks/package.js'
import {PLAN_CHECKS} from './checks/plans.js'
import {READER_CHECKS} from './checks/readers.js'
import {TURN_CHECKS} from './checks/turns.js'
import {LIVE_CHECKS} from './live/checks.js'

/** `package`: nothing is loaded. `code`: without processes. `turns`: with a fake agent. */
export type Stage = 'package' | 'code' | 'turns'

export const CODE_CHECKS: readonly Check<Bench>[] = [
  ...ISOLATION_CHECKS,
  ...PLAN_CHECKS,
  ...EVENT_CHECKS,
  ...READER_CHECKS,
  ...OPTIONAL_CHECKS,
]

/** All checks of the level `fixtures`, in the order of the report. */
export const CHECKS = [
  ...PACKAGE_CHECKS.map((check) => ({...check, stage: 'package' as const})),
  ...CODE_CHECKS.map((check) => ({...check, stage: 'code' as const})),
  ...TURN_CHECKS.map((check) => ({...check, stage: 'turns' as const})),
]

/** The tables of `docs/plugins/conformance.md`, in Markdown. */
export function checkTables(): string {
  const tables = Object.entries(TITLES).map(([stage, title]) => {
    const checks = stage === 'live' ? LIVE_CHECKS : CHECKS.filter((check) => check.stage === stage)
    const rows = checks.map((check) => `| \`${check.id}\` | ${cell(check.title)} | ${cell(check.fix)} |\n`)
    return `### ${title} (${checks.length})\n\n| check | requirement | when it fails |\n|---|---|---|\n${rows.join('')}`
  })
  return `${CHECKS.length} checks run without the agent, ${LIVE_CHECKS.length} more with \`--live\`.\n\n${tables.join('\n')}`
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

const TITLES: Record<Stage | 'live', string> = {
  package: 'The package',
  code: 'The code',
  turns: 'Turns with a fake agent',
  live: 'The real agent, with `--live`',
}
