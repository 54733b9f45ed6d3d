import {isDeepStrictEqual} from 'node:util'
import type {Bench} from './bench.js'
import type {Fixture} from './fixtures.js'

/** What a fixture expects and does not get: the name of the field, what it must be, what it is. */
export async function expectationsOf(bench: Bench, fixture: Fixture): Promise<[string, unknown, unknown][]> {
  const {expect, turn} = fixture
  const reading = bench.read(fixture)
  const result = await bench.result(fixture, reading)
  const plan = bench.plan(bench.turn(turn))
  const {args, stdin} = plan.kind === 'invocation' ? plan : {args: plan, stdin: plan}
  const {error} = result
  const found = {
    outcome: result.outcome,
    content: result.content,
    backend_session_id: result.backend_session_id,
    model: result.model,
    usage: result.usage,
    denials: result.denials,
    events: folded(reading.events.map(({type}) => type)),
    args,
    stdin,
  }
  const told = error?.message ?? 'no error'
  return [
    ...Object.entries(found)
      .filter(([key, value]) => {
        const wanted = expect[key as keyof typeof found]
        return wanted !== undefined && !isDeepStrictEqual(plain(wanted), plain(value))
      })
      .map(([key, value]): [string, unknown, unknown] => [key, expect[key as keyof typeof found], value]),
    ...(expect.error === undefined || told.includes(expect.error)
      ? []
      : [['error', expect.error, told] satisfies [string, unknown, unknown]]),
  ]
}

/** Neighbours of one type as one; what clinvk keeps for itself is left out. */
function folded(types: readonly string[]): string[] {
  return types.filter((type) => !OWN.has(type)).filter((type, index, all) => type !== all[index - 1])
}

/** As it reads in a file. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null)) as unknown
}

const OWN: ReadonlySet<string> = new Set(['state', 'finished'])
