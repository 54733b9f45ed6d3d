import {issueIn} from 'clinvk-contract/schema'
import {type Bench, SCHEMA} from './bench.js'
import {type Check, isForbidden, runCheck} from './check.js'
import {EVENT_CHECKS} from './checks/events.js'
import {OPTIONAL_CHECKS} from './checks/optional.js'
import {PLAN_CHECKS} from './checks/plans.js'
import {READER_CHECKS} from './checks/readers.js'
import {TURN_CHECKS} from './checks/turns.js'
import {PLAIN} from './edge-case-turns.js'
import type {CheckResult} from './report.js'

export interface CheckListener {
  readonly onBegin?: (check: {readonly id: string}) => Promise<void> | void
  readonly onResult: (result: CheckResult) => Promise<void> | void
  readonly stop?: AbortSignal
  /** How many checks run at the same time; 1 when not given. */
  readonly atATime?: number
}

/** Loads the backend and runs the checks whose ids are given. */
export async function runChecks<B extends Bench>(
  checks: readonly Check<B>[],
  bench: B,
  ids: readonly string[],
  {atATime = 1, onBegin, onResult, stop}: CheckListener,
): Promise<void> {
  const missing = await missingPrerequisites(bench)
  const waiting = checks.filter(({id}) => ids.includes(id))
  const work = async () => {
    for (let check = waiting.shift(); check && !stop?.aborted; check = waiting.shift()) {
      await onBegin?.(check)
      const {id, title} = check
      const reason = missing.find((one) => one.checks.has(id))?.reason
      await onResult(
        reason === undefined ? await runCheck(check, bench) : {id, title, state: 'not_applicable', reason},
      )
    }
  }

  await Promise.all(Array.from({length: atATime}, work))
}

/** Checks that cannot say anything, because the backend lacks what they rely on, and another check reports that. */
async function missingPrerequisites(bench: Bench): Promise<{reason: string; checks: ReadonlySet<string>}[]> {
  const isLoaded = await bench.load().then(
    () => true,
    () => false,
  )
  if (!isLoaded) return [{reason: 'The module does not load: module-loads.', checks: OF_BACKEND}]
  const plans = works(() => issueIn(SCHEMA.answers.plan, bench.ownPlan(PLAIN)) === undefined)
  const reads = works(() => bench.fixtures.every((fixture) => Array.isArray(bench.read(fixture).events)))
  return [
    ...(plans
      ? []
      : [{reason: 'A plain turn gets no plan: plan-never-throws, plan-shape.', checks: OF_PLANS}]),
    ...(reads
      ? []
      : [
          {
            reason: 'The fixtures cannot be read: fixtures-as-expected, reader-never-throws.',
            checks: OF_READERS,
          },
        ]),
  ]
}

/** What is forbidden is reported by a check of its own. */
function works(task: () => boolean): boolean {
  try {
    return task()
  } catch (error) {
    return isForbidden(error)
  }
}

function idsOf(checks: readonly Check<never>[], ...except: readonly string[]): ReadonlySet<string> {
  return new Set(checks.map(({id}) => id).filter((id) => !except.includes(id)))
}

const OF_BACKEND: ReadonlySet<string> = new Set([
  'members-known',
  ...[...PLAN_CHECKS, ...EVENT_CHECKS, ...READER_CHECKS, ...OPTIONAL_CHECKS, ...TURN_CHECKS].map(
    ({id}) => id,
  ),
])
const OF_PLANS = idsOf([...PLAN_CHECKS, ...TURN_CHECKS], 'plan-never-throws', 'plan-shape')
const OF_READERS = idsOf(
  [...EVENT_CHECKS, ...READER_CHECKS, ...TURN_CHECKS],
  'fixtures-as-expected',
  'reader-never-throws',
)
