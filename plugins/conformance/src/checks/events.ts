import {isDeepStrictEqual} from 'node:util'
import type {BackendEvent} from 'clinvk-contract'
import {type Bench, expectValid, type Reading, SCHEMA} from '../bench.js'
import {type Check, fail, notApplicable, show} from '../check.js'
import {OTHER_SESSION_ID} from '../edge-case-turns.js'
import {unmetExpectations} from '../expectations.js'

/** The events that a reader returns for the agent's lines. */
export const EVENT_CHECKS: readonly Check<Bench>[] = [
  {
    id: 'fixtures-as-expected',
    title: 'Each fixture gives what its author expects of it.',
    fix: 'Correct the backend, or what the fixture expects.',
    async run(bench) {
      for (const fixture of bench.fixtures) {
        const unmet = await unmetExpectations(bench, fixture)
        const all = (index: 1 | 2) => unmet.map((one) => `${one[0]} ${show(one[index])}`).join('; ')
        if (unmet.length > 0) fail(`${fixture.name}: ${all(1)}`, all(2))
      }
    },
  },
  {
    id: 'events-shape',
    title: 'Each event is one that the contract knows, with its fields.',
    fix: 'Compare with docs/plugins/contract.md; leave a field out when the agent does not tell it.',
    run: (bench) =>
      bench.eachReading(({events}) => {
        for (const event of events) expectValid(SCHEMA.event, event, 'events')
      }),
  },
  {
    id: 'session-once',
    title: "The agent's session id is told once a turn.",
    fix: 'Remember that it was told; agents repeat it in every line.',
    run: (bench) =>
      bench.eachReading(({events}) => {
        const times = events.filter(({type}) => type === 'session').length
        if (times > 1) fail('one session event', `${times} of them`)
      }),
  },
  {
    id: 'session-first',
    title:
      'The session id is told as soon as the agent tells it, so that a turn that breaks off can be resumed.',
    fix: 'Return the session event for the first line that has the id, before its other events.',
    run: (bench) =>
      bench.eachReading((reading, fixture) => {
        const id = sessionOf(reading)
        if (id === undefined) return
        const first = bench.linesOf(fixture).findIndex((line) => line.includes(id))
        const since = reading.perLine.slice(first).flat()
        const before = since.slice(
          0,
          since.findIndex(({type}) => type === 'session'),
        )
        const early = first === -1 ? undefined : before.find(({type}) => ANSWER.has(type))
        if (early) fail('the session before the answer', `${early.type} comes before`)
      }),
  },
  {
    id: 'session-as-told',
    title: 'The session id is the one that the agent told, so that clinvk notices another conversation.',
    fix: 'Take the id from the output, not from `turn.session`.',
    run(bench) {
      const session = {kind: 'resume', id: OTHER_SESSION_ID} as const
      const telling = bench.fixtures.filter((fixture) => {
        const id = sessionOf(bench.read(fixture))
        return id !== undefined && bench.linesOf(fixture).some((line) => line.includes(id))
      })
      return bench.eachReading((reading, fixture) => {
        const [id, other] = [reading, bench.read(fixture, {turn: {session}})].map((one) => sessionOf(one))
        if (other !== id) fail(`${id}, also when ${OTHER_SESSION_ID} was asked for`, show(other))
      }, telling)
    },
  },
  {
    id: 'tools-paired',
    title: 'Each tool result follows its call, and no two calls have one id.',
    fix: "Use the agent's own id of the call in both events; where it has none, number the calls.",
    run: (bench) =>
      bench.eachReading(({events}, {expect}) => {
        const [open, seen] = [new Set<string>(), new Set<string>()]
        for (const event of events) {
          if (event.type === 'tool_call') {
            if (event.id === '' || seen.has(event.id))
              fail(`an id of its own for ${event.name}`, show(event.id))
            seen.add(event.id)
            open.add(event.id)
          } else if (event.type === 'tool_result' && !open.delete(event.id))
            fail(`a tool_call before the tool_result ${event.id}`, 'there is none, or it has its result')
        }

        if (expect.outcome === 'success' && open.size > 0)
          fail('a result of each tool call', `none of ${[...open].join(', ')}`)
      }),
  },
  {
    id: 'finished-last',
    title: 'Nothing of the answer comes after `finished`: clinvk gives the agent a few seconds from there.',
    fix: 'Return `finished` for the last line of the agent alone, or leave it out.',
    run: (bench) =>
      bench.eachReading(({events}) => {
        const at = events.findIndex(({type}) => type === 'finished')
        const late = at === -1 ? undefined : events.slice(at).find(({type}) => ANSWER.has(type))
        if (late) fail('nothing of the answer after finished', late)
      }),
  },
  {
    id: 'state-is-data',
    title: 'What is kept with the session is the same after it was written as JSON and read again.',
    fix: 'Keep texts, numbers, lists and plain objects; no Date, no Map, nothing undefined.',
    run(bench) {
      let states = 0
      bench.eachReading(({events}) => {
        for (const event of events) {
          if (event.type !== 'state') continue
          states++
          const {state} = event
          const text = JSON.stringify(state) as string | undefined
          if (text === undefined || !isDeepStrictEqual(JSON.parse(text), state))
            fail('plain data', show(state))
        }
      })
      return states === 0 ? notApplicable('The backend keeps no state.') : undefined
    },
  },
  {
    id: 'usage-sums',
    title:
      'Token counts fit together: total is input and output, cached is a part of input, reasoning of output.',
    fix: 'Add what was read from and written to a cache to input_tokens, and reasoning to output_tokens.',
    run: (bench) =>
      bench.eachReading((reading) => {
        for (const usage of usagesOf(reading).flatMap((one) => [one, ...Object.values(one.models ?? {})])) {
          const {input_tokens: input, output_tokens: output, total_tokens: total} = usage
          const {cached_tokens: cached = 0, reasoning_tokens: reasoning = 0} = usage
          const isSum =
            total === undefined || input === undefined || output === undefined || total === input + output
          if (!isSum || cached > (input ?? cached) || reasoning > (output ?? reasoning))
            fail('counts that fit together', usage)
        }
      }),
  },
  {
    id: 'usage-never-falls',
    title: 'Token counts are running totals of the turn: they never fall, and the last is the highest.',
    fix: 'Add up the model calls of the turn; give the sum, not the last call.',
    run: (bench) =>
      bench.eachReading((reading) => {
        for (const [index, usage] of usagesOf(reading).entries())
          for (const key of ['input_tokens', 'output_tokens', 'total_tokens'] as const) {
            const [before, now] = [usagesOf(reading)[index - 1]?.[key] ?? 0, usage[key]]
            if (now !== undefined && now < before) fail(`${key} of at least ${before}`, now)
          }
      }),
  },
  {
    id: 'usage-as-promised',
    title: 'The token counts are those that the descriptor names, and each of them comes.',
    fix: 'Set `capabilities.usage` to the fields that the agent really tells.',
    async run(bench) {
      const promised: readonly string[] = bench.capabilities.usage ?? []
      const found = new Set<string>()
      for (const fixture of bench.successes)
        for (const key of Object.keys((await bench.result(fixture)).usage ?? {})) found.add(key)
      if (bench.successes.length === 0 || promised.length + found.size === 0)
        return notApplicable('No token counts are told.')
      const extra = [...found].find((key) => !promised.includes(key) && key !== 'total_tokens')
      if (extra !== undefined) fail('only fields of `capabilities.usage`', extra)
      const missing = promised.find((key) => !found.has(key))
      if (missing !== undefined) fail(`${missing} in at least one fixture`, [...found].join(', '))
      return undefined
    },
  },
]

function sessionOf({perLine}: Reading): string | undefined {
  return perLine.flat().find((event) => event.type === 'session')?.backend_session_id
}

function usagesOf({events, verdict}: Reading) {
  const told = events.flatMap((event) => (event.type === 'usage' ? [event.usage] : []))
  return verdict.usage ? [...told, verdict.usage] : told
}

/** Events that are part of an answer. */
const ANSWER: ReadonlySet<BackendEvent['type']> = new Set([
  'text', 'reasoning', 'tool_call', 'tool_result', 'usage',
]) // prettier-ignore
