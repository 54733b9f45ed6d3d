import type {Bench} from './bench.js'
import {type Check, type CheckResult, type Need, runCheck} from './check.js'
import {ISOLATION_CHECKS} from './checks/isolation.js'
import {OPTIONAL_CHECKS} from './checks/optional.js'
import {PACKAGE_CHECKS} from './checks/package.js'
import {PLAN_CHECKS} from './checks/plans.js'
import {READER_CHECKS} from './checks/readers.js'
import {LIVE_CHECKS} from './live/checks.js'

const GROUPS: readonly (readonly [title: string, needs: Need, checks: readonly Check<Bench>[]])[] = [
  ['The package', 'descriptor', PACKAGE_CHECKS],
  ['The code', 'entry', ISOLATION_CHECKS],
  ['What the agent is started with', 'plan', PLAN_CHECKS],
  ['What the agent prints', 'reader', READER_CHECKS],
  ['Optional parts', 'module', OPTIONAL_CHECKS],
]

/** All checks of the level `fixtures`, in the order of the report. */
export const CHECKS = GROUPS.flatMap(([, needs, checks]) => checks.map((check) => ({needs, ...check})))

/** Which check begins, or how it went. */
export type CheckMessage = {readonly begins: string} | {readonly result: CheckResult}

export async function* runChecks(bench: Bench, ids: readonly string[]): AsyncGenerator<CheckMessage> {
  const unmet = await bench.unmetNeeds()
  for (const check of CHECKS) {
    const {id, needs, title} = check
    if (!ids.includes(id)) continue
    yield {begins: id}
    const reason = unmet[needs]
    const isUnmet = reason !== undefined
    yield {result: isUnmet ? {id, title, state: 'not_applicable', reason} : await runCheck(check, bench)}
  }
}

/** The tables of `docs/plugins/conformance.md`, in Markdown. */
export function checkTables(): string {
  // A bar would end the cell.
  const cell = (text: string) => text.replaceAll('|', '\\|')
  const groups = [...GROUPS, ['The real agent, with `--live`', 'nothing', LIVE_CHECKS] as const]
  const tables = groups.map(([title, , checks]) => {
    const rows = checks.map(({fix, id, title: text}) => `| \`${id}\` | ${cell(text)} | ${cell(fix)} |\n`)
    return `### ${title} (${checks.length})\n\n| check | requirement | when it fails |\n|---|---|---|\n${rows.join('')}`
  })
  return `${CHECKS.length} checks run without the agent, ${LIVE_CHECKS.length} more with \`--live\`.\n\n${tables.join('\n')}`
}
