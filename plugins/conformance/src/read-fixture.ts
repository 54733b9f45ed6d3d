import type {BackendEvent} from 'clinvk-contract'
import type {Bench, Reading, ReadingOptions} from './bench.js'
import {notApplicable} from './check.js'
import type {Fixture} from './fixtures.js'
import {isForbidden} from './guard.js'

export function ofEach(
  bench: Bench,
  check: (fixture: Fixture, reading: Reading) => void,
): ReturnType<typeof notApplicable> | undefined {
  for (const fixture of bench.fixtures) check(fixture, read(bench, fixture))
  return bench.fixtures.length === 0 ? notApplicable('There are no fixtures.') : undefined
}

/** What a reader makes of a run; empty where the guard has stopped it, of which another check tells. */
export function read(bench: Bench, fixture: Fixture, options: ReadingOptions = {}): Reading {
  try {
    return bench.read(fixture, options)
  } catch (error) {
    if (!isForbidden(error)) throw error
    return {perLine: [], events: [], verdict: {outcome: 'failed', message: 'The reader was stopped.'}}
  }
}

/** Events that make up an answer. */
export const ANSWER: ReadonlySet<BackendEvent['type']> = new Set([
  'text',
  'reasoning',
  'tool_call',
  'tool_result',
  'usage',
])
