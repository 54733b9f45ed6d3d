import type {Bench} from './bench.js'
import {CHECKS_OF_PLANS, CHECKS_OF_READERS} from './checks.js'
import {REPLAY_CHECKS} from './checks/replay.js'
import {isForbidden} from './guard.js'
import {flawOfPlan} from './shapes.js'

/**
 * Why a check would only repeat what another one says: nothing is to be found out
 * about a backend that does not even plan a plain turn, or read its own fixtures.
 * Undefined for a check that has something to say.
 */
export function footingOf(bench: Bench): (id: string) => string | undefined {
  const plans = works(() => flawOfPlan(bench.ownPlan(bench.turn())) === undefined)
  const reads = works(() => bench.fixtures.every((fixture) => Array.isArray(bench.read(fixture).events)))
  return (id) => {
    if (!plans && OF_PLANS.has(id)) return `A plain turn gets no plan: ${TELL_OF_PLANS.join(', ')}.`
    if (!reads && OF_READERS.has(id)) return `The fixtures cannot be read: ${TELL_OF_READERS.join(', ')}.`
    return undefined
  }
}

function works(task: () => boolean): boolean {
  try {
    return task()
  } catch (error) {
    // What is forbidden has checks of its own.
    return isForbidden(error)
  }
}

function idsOf(checks: readonly {readonly id: string}[], but: readonly string[]): ReadonlySet<string> {
  return new Set([...checks, ...REPLAY_CHECKS].map(({id}) => id).filter((id) => !but.includes(id)))
}

const TELL_OF_PLANS = ['plan-never-throws', 'plan-shape']
const TELL_OF_READERS = ['fixtures-as-expected', 'reader-never-throws']
const OF_PLANS = idsOf(CHECKS_OF_PLANS, TELL_OF_PLANS)
const OF_READERS = idsOf(CHECKS_OF_READERS, TELL_OF_READERS)
