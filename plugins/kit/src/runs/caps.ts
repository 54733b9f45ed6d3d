import {Failure} from '../errors/failure.js'
import {formatNumber} from '../format/text.js'
import type {TurnResult} from '../turn/result.js'
import type {TaskResult} from './result.js'

/** What all tasks of a run together may use. */
export interface RunCaps {
  readonly tokens?: number
  /** US dollars. */
  readonly cost?: number
}

/** Why no further task may start, where those that have ended have used as much as they may. */
export function overCap(
  done: readonly TaskResult[],
  {cost, tokens}: RunCaps,
  id: string,
): Failure | undefined {
  const sum = (of: (one: TaskResult) => number | undefined) =>
    done.reduce((total, one) => total + (of(one) ?? 0), 0)
  const over = (what: string, flag: string) =>
    new Failure('limit', `Not run: the run has ${what}.`, [
      `Run what is left: clinvk runs resume ${id.slice(0, 8)} ${flag}`,
    ])
  const used = sum(tokensOf)
  if (tokens !== undefined && used >= tokens)
    return over(`used ${formatNumber(used)} tokens of ${formatNumber(tokens)}`, '--max-tokens N')
  const spent = sum(costOf)
  if (cost !== undefined && spent >= cost) return over(`cost $${spent} of $${cost}`, '--max-cost USD')
  return undefined
}

/** What a cap cannot count of a task that has run, a sentence for the user. */
export function uncounted(done: TaskResult, {cost, tokens}: RunCaps): string | undefined {
  const {backend, dryRun, result, startedAt} = done
  if (!startedAt || dryRun || result.outcome !== 'success') return undefined
  if (cost !== undefined && costOf(done) === undefined)
    return `What ${backend} has cost is not known, so it does not count for max_cost. Tokens do for max_tokens.`
  if (tokens !== undefined && tokensOf(done) === undefined)
    return `How many tokens ${backend} has used is not known, so they do not count for max_tokens.`
  return undefined
}

function tokensOf({result}: TaskResult): number | undefined {
  return sumOf(result, ({usage}) => usage?.total_tokens)
}

function costOf({result}: TaskResult): number | undefined {
  return sumOf(result, ({cost}) => cost)
}

/** Over all attempts, where a limit or another agent came between. */
function sumOf(
  {attempts = [], ...last}: TurnResult,
  of: (one: Pick<TurnResult, 'usage' | 'cost'>) => number | undefined,
): number | undefined {
  const known = attempts.flatMap((attempt) => of(attempt) ?? [])
  return known.length === 0 ? of(last) : known.reduce((total, one) => total + one, 0)
}
