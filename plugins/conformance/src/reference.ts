import {CHECKS, type Stage} from './checks.js'
import {LIVE_CHECKS} from './live/checks.js'

/** The tables of `docs/plugins/conformance.md`, in Markdown. */
export function checkTables(): string {
  const stages = Object.entries(TITLES).map(([stage, title]) => {
    const checks = stage === 'live' ? LIVE_CHECKS : CHECKS.filter((check) => check.stage === stage)
    const rows = checks.map(({fix, id, title: holds}) => `| \`${id}\` | ${cell(holds)} | ${cell(fix)} |\n`)
    return `### ${title}\n\n| check | what holds | when it does not |\n|---|---|---|\n${rows.join('')}`
  })
  return stages.join('\n')
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

const TITLES: Record<Stage | 'live', string> = {
  package: 'The package',
  code: 'The code, under watch',
  turns: 'Turns with a fake agent',
  live: 'The real agent (`--live`)',
}
