import {formatNumber} from 'clinvk-kit/format/text'
import {relativeTime} from 'clinvk-kit/format/time'
import type {SessionFile} from '../store/session-file.js'
import {isRunning, statusOf} from '../store/status.js'
import {totalTokens} from '../store/usage.js'
import {yamlScalar} from './labels.js'

/** Everything about a session, as the guide shows it; the text is valid YAML. */
export function sessionDetails(session: SessionFile, now: Date): string {
  const {token_usage: usage} = session
  const total = totalTokens(session)
  const metadata = Object.entries(session.metadata ?? {})
  const lines: (readonly [string, string | undefined])[] = [
    ['ID', session.id],
    ['Name', session.name],
    ['Backend', session.backend],
    ['Model', session.model],
    ['Status', isRunning(session) ? `${statusOf(session)} (running)` : statusOf(session)],
    ['Created', utc(session.created_at)],
    ['Last Used', `${utc(session.last_used)} (${relativeTime(new Date(session.last_used), now)})`],
    ['Working Directory', session.working_dir || undefined],
    ['Backend Session', session.backend_session_id],
    ['Title', session.title],
    ['Initial Prompt', session.initial_prompt === session.title ? undefined : session.initial_prompt],
    ['Run', session.run && `${session.run.id}, task ${session.run.task}`],
    ['Turns', String(session.turn_count ?? 0)],
    ['Tags', session.tags?.length ? session.tags.join(', ') : undefined],
    ['Parent Session', session.parent_id],
    ['Error', session.error_message],
  ]
  const tokens: (readonly [string, number | undefined])[] = [
    ['Input', usage?.input_tokens],
    ['Output', usage?.output_tokens],
    ['Cached', usage?.cached_tokens],
    ['Reasoning', usage?.reasoning_tokens],
    ['Total', total],
  ]
  return [
    ...lines.flatMap(([label, value]) =>
      value === undefined ? [] : [line(label, label === 'Turns' ? value : yamlScalar(value))],
    ),
    ...(total === undefined ? [] : ['Token Usage:\n']),
    ...(total === undefined
      ? []
      : tokens.flatMap(([label, value]) => (value ? [line(`  ${label}`, formatNumber(value))] : []))),
    ...(metadata.length > 0 ? ['Metadata:\n'] : []),
    ...metadata.map(([key, value]) => line(`  ${yamlScalar(key)}`, yamlScalar(value))),
  ].join('')
}

function line(label: string, value: string): string {
  return `${`${label}:`.padEnd(19)}${value}\n`
}

/** Whole seconds in UTC: `2025-01-27T10:00:00Z`. */
function utc(time: string): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}
