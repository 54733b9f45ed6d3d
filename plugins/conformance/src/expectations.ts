import {isDeepStrictEqual} from 'node:util'
import type {Bench} from './bench.js'
import type {Expectation, Fixture} from './fixtures.js'

/** The expectations of a fixture that are not met: the field, the expected value, the value found. */
export async function unmetExpectations(
  bench: Bench,
  fixture: Fixture,
): Promise<[field: string, expected: unknown, found: unknown][]> {
  const reading = bench.read(fixture)
  const result = await bench.result(fixture, reading)
  const plan = bench.plan(fixture.turn)
  const types = reading.events.map(({type}) => type).filter((type) => type !== 'state' && type !== 'finished')
  const found: Record<keyof Expectation, unknown> = {
    ...result,
    error: result.error?.message ?? 'no error',
    events: types.filter((type, index) => type !== types[index - 1]),
    args: plan.kind === 'invocation' ? plan.args : plan,
    stdin: plan.kind === 'invocation' ? plan.stdin : plan,
  } as Record<keyof Expectation, unknown>
  return Object.entries(fixture.expect).flatMap(([key, expected]): [string, unknown, unknown][] => {
    const value = found[key as keyof Expectation]
    const isMet =
      key === 'error'
        ? String(value).includes(expected as string)
        : isDeepStrictEqual(plain(expected), plain(value))
    return expected === undefined || isMet ? [] : [[key, expected, value]]
  })
}

/** A value as JSON has it. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null)) as unknown
}
