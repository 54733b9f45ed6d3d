import type {Interfaces} from '@oclif/core'
import type {Candidate, CompleteQuestion} from 'clinvk-kit/complete'
import type {Asked} from './values.js'

interface CompleteHook extends Interfaces.Hooks {
  complete: {
    options: CompleteQuestion & Record<string, unknown>
    return: readonly Candidate[] | undefined
  }
}

/** What plugins know of a kind of value. One that fails or takes too long is left out. */
export async function askPlugins(kind: string, asked: Asked): Promise<readonly Candidate[]> {
  const {beginning, config, env, line} = asked
  const {args, command, flags} = line
  const question = {kind, beginning, command: command?.id ?? '', args, flags: Object.fromEntries(flags), env}
  const {successes} = await config.runHook<'complete', CompleteHook>('complete', question, PATIENCE_MS, true)
  return successes.flatMap(({result}) =>
    Array.isArray(result) ? result.filter((found) => isCandidate(found)) : [],
  )
}

function isCandidate(found: unknown): found is Candidate {
  const {description, value} = (found ?? {}) as {value?: unknown; description?: unknown}
  return typeof value === 'string' && (description === undefined || typeof description === 'string')
}

/** A person waits. */
const PATIENCE_MS = 1500
