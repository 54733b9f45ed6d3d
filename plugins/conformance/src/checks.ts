import type {Bench} from './bench.js'
import {type Check, type CheckResult, runCheck} from './check.js'
import {ISOLATION_CHECKS} from './checks/isolation.js'
import {OPTIONAL_CHECKS} from './checks/optional.js'
import {PACKAGE_CHECKS} from './checks/package.js'
import {PLAN_CHECKS} from './checks/plans.js'
import {READER_CHECKS} from './checks/readers.js'
import {LIVE_CHECKS} from './live/checks.js'

const GROUPS = {
  'The package': PACKAGE_CHECKS,
  'The code': ISOLATION_CHECKS,
  'What the agent is started with': PLAN_CHECKS,
  'What the agent prints': READER_CHECKS,
  'Optional parts': OPTIONAL_CHECKS,
}

/** All checks of the level `fixtures`, in the order of the report. */
export const CHECKS: readonly Check<Bench>[] = Object.values(GROUPS).flat()

/** Which check begins, or how it went. */
export type CheckMessage = {readonly begins: string} | {readonly result: CheckResult}

export async function* runChecks(bench: Bench, ids: readonly string[]): AsyncGenerator<CheckMessage> {
  const unmet = await bench.unmetNeeds()
  for (const check of CHECKS) {
    const {id, needs, title} = check
    if (!ids.includes(id)) continue
    yield {begins: id}
    const reason = needs && unmet[needs]
    const isUnmet = reason !== undefined
    yield {result: isUnmet ? {id, title, state: 'not_applicable', reason} : await runCheck(check, bench)}
  }
}

/** The tables of `docs/plugins/conformance.md`, in Markdown. */
export function checkTables(): string {
  // A bar would end the cell.
  const cell = (text: string) => text.replaceAll('|', '\\|')
  const groups = Object.entries({...GROUPS, 'The real agent, with `--live`': LIVE_CHECKS})
  const tables = groups.map(([title, checks]) => {
    const rows = checks.map(({fix, id, title: text}) => `| \`${id}\` | ${cell(text)} | ${cell(fix)} |\n`)
    return `### ${title} (${checks.length})\n\n| check | requirement | when it fails |\n|---|---|---|\n${rows.join('')}`
  })
  return `${CHECKS.length} checks run without the agent, ${LIVE_CHECKS.length} more with \`--live\`.\n\n${tables.join('\n')}`
}
