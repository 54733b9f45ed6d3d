import {Failure} from '../errors/failure.js'
import {formatNumber} from '../format/text.js'
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
  const over = (what: string, flag: string) =>
    new Failure('limit', `Not run: the run has ${what}.`, [
      `Run the unfinished tasks: clinvk runs resume ${id.slice(0, 8)} ${flag}`,
    ])
  const used = sum(done.map(tokensOf))
  if (tokens !== undefined && used !== undefined && used >= tokens)
    return over(`used ${formatNumber(used)} tokens of ${formatNumber(tokens)}`, '--max-tokens N')
  const spent = sum(done.map(costOf))
  if (cost !== undefined && spent !== undefined && spent >= cost)
    return over(`cost $${spent} of $${cost}`, '--max-cost USD')
  return undefined
}

/** What a cap cannot count of a task that has run, a sentence for the user. */
export function uncounted(done: TaskResult, {cost, tokens}: RunCaps): string | undefined {
  const {backend, dryRun, result, startedAt} = done
  if (!startedAt || dryRun || result.outcome !== 'success') return undefined
  if (cost !== undefined && costOf(done) === undefined)
    return `The cost of ${backend} is unknown, so it does not count towards max_cost. Its tokens count towards max_tokens.`
  if (tokens !== undefined && tokensOf(done) === undefined)
    return `How many tokens ${backend} has used is unknown, so they do not count towards max_tokens.`
  return undefined
}

function tokensOf({result}: TaskResult): number | undefined {
  return sum((result.attempts ?? [result]).map(({usage}) => usage?.total_tokens))
}

function costOf({result}: TaskResult): number | undefined {
  return sum((result.attempts ?? [result]).map(({cost}) => cost))
}

/** Of what is known; undefined where nothing is. */
function sum(numbers: readonly (number | undefined)[]): number | undefined {
  return numbers.reduce((total, one) => (one === undefined ? total : (total ?? 0) + one), undefined)
}
