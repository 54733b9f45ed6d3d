import type {Bench} from '../bench.js'
import {type Check, expectThat, notApplicable, show} from '../check.js'
import {ofEach, read} from '../read-fixture.js'

/** Token counts. */
export const USAGE_CHECKS: readonly Check<Bench>[] = [
  {
    id: 'usage-sums',
    title:
      'Token counts fit together: total is input and output, cached is a part of input, reasoning of output.',
    fix: 'Add what was read from and written to a cache to input_tokens, and reasoning to output_tokens.',
    run: (bench) =>
      ofEach(bench, (fixture, {events, verdict}) => {
        const told = [
          ...events.flatMap((event) => (event.type === 'usage' ? [event.usage] : [])),
          verdict.usage ?? {},
        ]
        for (const usage of told.flatMap((one) => [one, ...Object.values(one.models ?? {})])) {
          const {
            cached_tokens: cached = 0,
            input_tokens: input,
            output_tokens: output,
            reasoning_tokens: reasoning = 0,
            total_tokens: total,
          } = usage
          const fits =
            cached <= (input ?? cached) &&
            reasoning <= (output ?? reasoning) &&
            (total === undefined || input === undefined || output === undefined || total === input + output)
          expectThat(fits, `${fixture.name}: counts that fit together`, show(usage))
        }
      }),
  },
  {
    id: 'usage-never-falls',
    title: 'Token counts are running totals of the turn: they never fall, and the last word is the highest.',
    fix: 'Add up the model calls of the turn; give the sum, not the last call.',
    run: (bench) =>
      ofEach(bench, (fixture, {events, verdict}) => {
        const told = events.flatMap((event) => (event.type === 'usage' ? [event.usage] : []))
        if (verdict.usage) told.push(verdict.usage)
        for (const [index, usage] of told.entries()) {
          const before = told[index - 1]
          for (const key of ['input_tokens', 'output_tokens', 'total_tokens'] as const) {
            const fell = before?.[key] !== undefined && usage[key] !== undefined && usage[key] < before[key]
            expectThat(!fell, `${fixture.name}: ${key} of at least ${before?.[key]}`, show(usage[key]))
          }
        }
      }),
  },
  {
    id: 'usage-as-promised',
    title: 'The token counts are those that the descriptor names, and each of them comes.',
    fix: 'Set `capabilities.usage` to the fields that the agent really tells.',
    async run(bench) {
      const promised = bench.entry.descriptor.capabilities.usage ?? []
      const found = new Set<string>()
      for (const fixture of bench.successes) {
        const {usage = {}} = await bench.result(fixture, read(bench, fixture))
        for (const key of Object.keys(usage)) found.add(key)
      }

      if (bench.successes.length === 0 || promised.length + found.size === 0)
        return notApplicable('No token counts are told.')
      const surplus = [...found].find(
        (key) => !promised.includes(key as (typeof promised)[number]) && key !== 'total_tokens',
      )
      const gone = promised.find((key) => !found.has(key))
      expectThat(surplus === undefined, 'the fields in `capabilities.usage`', `${surplus} besides`)
      expectThat(
        gone === undefined,
        `${gone} in one of the fixtures at least`,
        `there are: ${[...found].join(', ')}`,
      )
      return undefined
    },
  },
]
