import type {Candidate} from 'clinvk-kit/hooks/complete'
import {runHook} from 'clinvk-kit/hooks/run-hook'
import type {Asked} from './values.js'

/** What plugins know of a kind of value. One that fails or takes too long is left out. */
export async function askPlugins(kind: string, asked: Asked): Promise<readonly Candidate[]> {
  const {beginning, config, env, line} = asked
  const {args, command, flags} = line
  const question = {kind, beginning, command: command?.id ?? '', args, flags: Object.fromEntries(flags), env}
  const {answers} = await runHook<unknown>(config, 'complete', question, PATIENCE_MS)
  return answers.flatMap(({answer}) =>
    Array.isArray(answer) ? answer.filter((found) => isCandidate(found)) : [],
  )
}

function isCandidate(found: unknown): found is Candidate {
  const {description, value} = (found ?? {}) as {value?: unknown; description?: unknown}
  return typeof value === 'string' && (description === undefined || typeof description === 'string')
}

/** A person waits. */
const PATIENCE_MS = 1500
