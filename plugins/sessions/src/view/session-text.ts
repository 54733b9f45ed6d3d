import {type Column, table} from 'clinvk-kit/format/table'
import {counted, formatNumber, oneLine} from 'clinvk-kit/format/text'
import type {SessionHistory} from 'clinvk-kit/hooks/history'
import {relativeTime} from 'clinvk-kit/format/time'
import {isForeign, type SessionFile, shortId} from '../store/session-file.js'
import {isRunning, statusOf} from '../store/status.js'
import type {SessionList} from '../store/store.js'
import {totalTokens} from '../store/usage.js'
import {shortIds, titleOf, yamlScalar} from './labels.js'

/** Forks below their parents, as far as those are listed, with the depth of each. */
function asTree(sessions: readonly SessionFile[]): {session: SessionFile; depth: number}[] {
  const listed = new Set(sessions.map(({id}) => id))
  const parentAmongThem = ({forked_at, parent_id}: SessionFile) =>
    forked_at !== undefined && parent_id !== undefined && listed.has(parent_id) ? parent_id : undefined
  const forks = new Map<string | undefined, SessionFile[]>()
  for (const session of sessions) {
    const parent = parentAmongThem(session)
    if (!forks.get(parent)?.push(session)) forks.set(parent, [session])
  }

  const rows = new Map<SessionFile, number>()
  const add = (session: SessionFile, depth: number) => {
    if (rows.has(session)) return
    rows.set(session, depth)
    for (const fork of forks.get(session.id) ?? []) add(fork, depth + 1)
  }
  for (const session of forks.get(undefined) ?? []) add(session, 0)
  // Files that were edited may name each other as parents.
  for (const session of sessions) add(session, 0)
  return [...rows].map(([session, depth]) => ({session, depth}))
}

/**
 * Sessions for people, a line each. On a terminal the lines are cut to its width; where it is narrow, columns that say
 * less than the title are left out.
 */
export function sessionTable(
  listed: readonly SessionFile[],
  now: Date,
  {isTree, terminalWidth}: {readonly isTree?: boolean; readonly terminalWidth?: number} = {},
): string {
  const tree = isTree ? asTree(listed) : undefined
  const sessions = tree?.map(({session}) => session) ?? listed
  const ids = shortIds(sessions)
  const rows = sessions.map((session, index) => [
    ids[index]!,
    oneLine(session.backend),
    isForeign(session) ? '-' : isRunning(session) ? 'running' : statusOf(session),
    relativeTime(new Date(session.last_used), now),
    formatNumber(totalTokens(session)),
    `${branch(tree?.[index]?.depth)}${titleOf(session)}`,
  ])
  const shown = (_: unknown, column: number) => (COLUMNS[column]!.from ?? 0) <= (terminalWidth ?? Infinity)
  return table(
    COLUMNS.filter(shown),
    rows.map((row) => row.filter(shown)),
    terminalWidth,
  )
}

function branch(depth = 0): string {
  return depth === 0 ? '' : `${'   '.repeat(depth - 1)}└─ `
}

/** `from`: the width of a terminal, in columns, that has room for it. */
const COLUMNS: readonly (Column & {readonly from?: number})[] = [
  {title: 'ID', width: 8},
  {title: 'BACKEND', width: 8},
  {title: 'STATUS', width: 9, from: 80},
  {title: 'LAST USED', width: 14},
  {title: 'TOKENS', width: 11, from: 100},
  {title: 'TITLE/PROMPT', width: 0},
]

/** What the list sums up to: `3 sessions, 6,912 tokens`. `isCut`: the user did not ask for fewer than there are. */
export function summary({sessions, tokens, total}: SessionList, isCut: boolean): string {
  const shown =
    isCut && sessions.length < total ? `${sessions.length} of ${total}; --limit 0 shows all\n` : ''
  const used = tokens?.some(Boolean) ? `, ${formatNumber(tokens[0] + tokens[1])} tokens` : ''
  return `${shown}${counted(total, 'session')}${used}\n`
}

export interface SessionDetails extends Partial<SessionHistory> {
  readonly forks?: readonly SessionFile[]
  /** What its model calls are worth. */
  readonly value?: string
}

/** Everything about a session; the text is valid YAML. */
export function sessionDetails(
  session: SessionFile,
  now: Date,
  {forks = [], last_answer, messages, records = [], value}: SessionDetails = {},
): string {
  const {token_usage: usage = {}} = session
  const total = totalTokens(session)
  const metadata = Object.entries(session.metadata ?? {})
  return [
    line('ID', session.id),
    line('Name', session.name),
    line('Backend', session.backend),
    line('Model', session.model),
    line('Status', isRunning(session) ? `${statusOf(session)} (running)` : statusOf(session)),
    line('Created', utc(session.created_at)),
    line('Last Used', `${utc(session.last_used)} (${relativeTime(new Date(session.last_used), now)})`),
    line('Working Directory', session.working_dir || undefined),
    line('Worktree', session.worktree && `${session.worktree.branch} of ${session.worktree.repository}`),
    line('Backend Session', session.backend_session_id),
    line('Title', session.title),
    line('Initial Prompt', session.initial_prompt === session.title ? undefined : session.initial_prompt),
    line('Run', session.run && `${session.run.id}, task ${session.run.task}`),
    line('Turns', session.turn_count ?? 0),
    line('Messages', messages),
    line('Last Answer', last_answer),
    line('Tags', session.tags?.join(', ') || undefined),
    line('Parent Session', parentOf(session)),
    line('Forks', forks.map((fork) => `${shortId(fork)} (${fork.backend})`).join(', ') || undefined),
    line('Error', session.error_message),
    ...(total === undefined
      ? []
      : [
          'Token Usage:\n',
          line('  Input', usage.input_tokens || undefined),
          line('  Output', usage.output_tokens || undefined),
          line('  Cached', usage.cached_tokens || undefined),
          line('  Reasoning', usage.reasoning_tokens || undefined),
          line('  Total', total),
        ]),
    line('API Value', value),
    ...(records.length > 0 ? ['Records:\n'] : []),
    ...records.map((path) => `  - ${yamlScalar(path)}\n`),
    ...(metadata.length > 0 ? ['Metadata:\n'] : []),
    ...metadata.map(([key, value]) => line(`  ${yamlScalar(key)}`, value)),
  ].join('')
}

function parentOf({forked_at: turn, parent_id: parent}: SessionFile): string | undefined {
  return parent && turn !== undefined ? `${parent}, after turn ${turn}` : parent
}

function line(label: string, value: string | number | undefined): string {
  if (value === undefined) return ''
  return `${`${label}:`.padEnd(19)}${typeof value === 'number' ? formatNumber(value) : yamlScalar(value)}\n`
}

/** Whole seconds in UTC: `2025-01-27T10:00:00Z`. */
function utc(time: string): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}
