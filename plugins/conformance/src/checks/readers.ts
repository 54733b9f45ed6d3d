import {setImmediate as nextTick} from 'node:timers/promises'
import {isDeepStrictEqual} from 'node:util'
import type {BackendEvent, Verdict} from 'clinvk-contract'
import {type Bench, expectValid, type Reading, SCHEMA} from '../bench.js'
import {type Check, expectEqual, fail, show, skip, within} from '../check.js'
import {cutPlaces, damagedLines, HUGE_LINE, UNKNOWN_LINES} from '../damaged-lines.js'
import type {Expectation, Fixture} from '../fixtures.js'
import {OTHER_SESSION_ID, PLAIN} from '../turns.js'

/** The events that a reader returns for the agent's lines, and the result at their end. */
export const READER_CHECKS: readonly Check<Bench>[] = [
  {
    id: 'fixtures-as-expected',
    needs: 'module',
    title: 'Each fixture gives what its author expects of it.',
    fix: 'Correct the backend, or what the fixture expects.',
    async run(bench) {
      for (const fixture of bench.fixtures) {
        const found = await outcomeOf(bench, fixture)
        for (const [key, expected] of Object.entries(fixture.expect)) {
          const value = found[key as keyof Expectation] as string
          if (key === 'error' ? !value.includes(expected as string) : !isSame(expected, value))
            fail(`${fixture.name}: ${key} ${show(expected)}`, `${key} ${show(value)}`)
        }
      }
    },
  },
  {
    id: 'events-valid',
    title: 'Each event is one that the contract knows, with its fields.',
    fix: 'Compare with docs/plugins/contract.md; leave a field out when the agent does not report it. A state is plain data: no Date, no Map, nothing undefined.',
    run: (bench) =>
      bench.eachReading(({events}) => {
        for (const event of events) {
          expectValid(SCHEMA.event, event, 'events')
          if (event.type === 'state' && !isSame(event.state, event.state))
            fail('a state that is plain data', show(event.state))
        }
      }),
  },
  {
    id: 'session-reported',
    title: 'The session id is the one that the agent reports, once, and before the answer.',
    fix: 'Return the session event for the first line that has the id, before its other events; take the id from the output, not from `turn.session`. A turn that breaks off can be resumed then.',
    run: (bench) =>
      bench.eachReading((reading, fixture) => {
        const id = sessionOf(reading)
        if (id === undefined) return
        const times = reading.events.filter(({type}) => type === 'session').length
        if (times > 1) fail('one session event', `${times} of them`)
        const first = bench.linesOf(fixture).findIndex((line) => line.includes(id))
        if (first === -1) return
        const since = reading.perLine.slice(first).flat()
        const early = since.find(({type}) => type === 'session' || ANSWER.has(type))!
        if (early.type !== 'session') fail('the session before the answer', `${early.type} comes before`)
        const session = {kind: 'resume', id: OTHER_SESSION_ID} as const
        const other = sessionOf(bench.read(fixture, {turn: {session}}))
        if (other !== id) fail(`${id}, also when ${OTHER_SESSION_ID} was asked for`, show(other))
      }),
  },
  {
    id: 'events-ordered',
    title:
      'Each tool result follows its call, no two calls have one id, and nothing of the answer comes after `finished`.',
    fix: "Use the agent's own id of the call in both events; where it has none, number the calls. Return `finished` for the last line alone, or leave it out: clinvk gives the agent a few seconds from there.",
    run: (bench) =>
      bench.eachReading(({events}, {expect}) => {
        const [open, seen] = [new Set<string>(), new Set<string>()]
        for (const event of events) {
          if (seen.has('finished') && ANSWER.has(event.type))
            fail('nothing of the answer after finished', event)
          if (event.type === 'finished') seen.add('finished')
          else if (event.type === 'tool_call') {
            const key = `call ${event.id}`
            if (event.id === '' || seen.has(key)) fail(`an id of its own for ${event.name}`, show(event.id))
            seen.add(key)
            open.add(event.id)
          } else if (event.type === 'tool_result' && !open.delete(event.id))
            fail(`a tool_call before the tool_result ${event.id}`, 'there is none, or it has its result')
        }

        if (expect.outcome === 'success' && open.size > 0)
          fail('a result of each tool call', `none of ${[...open].join(', ')}`)
      }),
  },
  {
    id: 'usage-right',
    title:
      'Token counts are those that the descriptor names; they are running totals of the turn, and fit together.',
    fix: 'Set `capabilities.usage` to the fields that the agent reports. Add up the model calls of the turn; count what was read from and written to a cache as input_tokens, and reasoning as output_tokens.',
    async run(bench) {
      await bench.eachReading(({events, verdict}) => {
        const reported = events.flatMap((event) => (event.type === 'usage' ? [event.usage] : []))
        const all = verdict.usage ? [...reported, verdict.usage] : reported
        for (const [index, usage] of all.entries()) {
          for (const counts of [usage, ...Object.values(usage.models ?? {})]) {
            const {input_tokens: input = 0, output_tokens: output = 0, total_tokens: total} = counts
            const isKnown = counts.input_tokens !== undefined && counts.output_tokens !== undefined
            const {cached_tokens: cached = 0, reasoning_tokens: reasoning = 0} = counts
            const isTooLarge = isKnown && (cached > input || reasoning > output)
            if (isTooLarge || (isKnown && total !== undefined && total !== input + output))
              fail('total = input + output, cached <= input, reasoning <= output', counts)
          }

          for (const key of ['input_tokens', 'output_tokens', 'total_tokens'] as const) {
            const [before, now] = [all[index - 1]?.[key] ?? 0, usage[key] ?? Infinity]
            if (now < before) fail(`${key} of at least ${before}`, now)
          }
        }
      })
      const promised: readonly string[] = bench.capabilities.usage ?? []
      const results = await Promise.all(bench.successes.map((fixture) => bench.result(fixture)))
      const found = new Set(results.flatMap(({usage}) => Object.keys(usage ?? {})))
      if (results.length === 0 || promised.length + found.size === 0) skip('No token counts are reported.')
      const extra = [...found].find((key) => !promised.includes(key) && key !== 'total_tokens')
      if (extra !== undefined) fail('only fields of `capabilities.usage`', extra)
      const missing = promised.find((key) => !found.has(key))
      if (missing !== undefined) fail(`${missing} in at least one fixture`, [...found].join(', '))
    },
  },
  {
    id: 'unknown-lines-kept',
    title:
      'A line that the backend does not know is kept as `unparsed`, also one of 2 MB, and changes nothing of the rest.',
    fix: 'Parse a line once, in linear time. Return `[{type: "unparsed", line}]` for everything else, and keep no state from it.',
    run: (bench) =>
      bench.eachReading((plain, fixture) => {
        const lines = bench.linesOf(fixture).flatMap((line) => [...UNKNOWN_LINES, line])
        const unknown = [HUGE_LINE, ...UNKNOWN_LINES]
        const given = [HUGE_LINE, ...(lines.length > 0 ? lines : UNKNOWN_LINES)]
        const {perLine: all, verdict} = bench.read(fixture, {lines: given})
        for (const [index, line] of unknown.entries()) {
          const texts = all[index]!.flatMap((event) => Object.values(event) as unknown[])
          if (!texts.some((text) => typeof text === 'string' && text.includes(line)))
            fail(`${show(line)} as \`unparsed\``, all[index])
        }

        const perLine = all.slice(1)
        // To an agent that prints plain text each line is a part of the answer.
        if (lines.length === 0 || perLine[0]!.some(({type}) => type === 'text')) return
        const distance = UNKNOWN_LINES.length + 1
        const known = perLine.filter((_events, index) => index % distance === distance - 1)
        expectEqual(known, plain.perLine, 'events')
        expectEqual(withoutWords(verdict), withoutWords(plain.verdict), 'the result')
      }),
  },
  {
    id: 'damaged-lines-harmless',
    title: 'A line that is cut off, or lacks fields, gives no error, and no event without its fields.',
    fix: 'Read every field as if it may be missing, null or of another type; return `unparsed` for what makes no sense.',
    async run(bench) {
      for (const fixture of bench.fixtures) {
        const lines = bench.linesOf(fixture)
        for (const [index, intact] of lines.entries())
          for (const line of damagedLines(intact)) {
            const before = lines.slice(Math.max(0, index - 3), index)
            await within(show(line), () => {
              const {perLine} = bench.read(fixture, {lines: [...before, line]})
              for (const event of perLine.at(-1)!) expectValid(SCHEMA.event, event, 'events')
            })
          }
      }
    },
  },
  {
    id: 'readers-apart',
    title:
      'The same output gives the same events, when its lines come slowly and when two readers work at the same time.',
    fix: 'Keep what a reader has seen in the reader, not in the module; no random numbers, no event that depends on when its line comes.',
    async run(bench) {
      for (const fixture of bench.fixtures) {
        const turn = {...PLAIN, ...fixture.turn}
        const readers = [bench.backend.reader(turn), bench.backend.reader(turn)]
        const together: (readonly BackendEvent[])[][] = [[], []]
        for (const line of bench.linesOf(fixture)) {
          for (const [index, reader] of readers.entries()) together[index]!.push(reader.line(line))
          await nextTick()
        }

        const {perLine} = bench.read(fixture)
        for (const events of together) expectEqual(events, perLine, `${fixture.name}: events`)
      }
    },
  },
  {
    id: 'end-always-reported',
    title:
      'However the agent ends, there is a result: no success unless it was done, and a message for each failure.',
    fix: 'Let `end` say what is known: the exit code or the signal, and the end of standard error. Return success only when the agent has said that it is done, or has printed something and ended with code 0.',
    run: (bench) =>
      bench.eachReading(async ({perLine}, fixture) => {
        const lines = bench.linesOf(fixture)
        const end = perLine.findIndex((events) => events.some(({type}) => type === 'finished'))
        for (const place of cutPlaces(lines.length))
          for (const exit of EXITS) {
            const when = `after ${place} of ${lines.length} lines, ${show(exit)}`
            await within(when, () => {
              const {verdict} = bench.read(fixture, {lines: lines.slice(0, place), exit})
              expectValid(SCHEMA.verdict, verdict, 'the result')
              const isDone =
                (end !== -1 && place > end) || (place > 0 && (exit.code === 0 || show(exit) === '{}'))
              if (fixture.expect.outcome === 'success' && !isDone && verdict.outcome === 'success')
                fail('no success', verdict)
            })
          }
      }),
  },
  {
    id: 'answer-kept',
    title:
      'An unusual exit code, noise on standard error, and a line after the last take nothing of an answer.',
    fix: 'Take the result from the line that has it, not from the last line; look at standard error only when the agent has not succeeded; keep content and usage whatever the exit code is.',
    async run(bench) {
      const fixtures = bench.successes.filter(({exit}) => exit.code === 0)
      if (fixtures.length === 0) skip('No fixture is a success.')
      for (const fixture of fixtures) {
        const plain = await bench.result(fixture)
        const lines = [...bench.linesOf(fixture), 'A server is here.']
        const changes = {
          'exit code 7': {exit: {code: 7}},
          'noise on standard error': {errorLines: NOISE},
          'a line of a process that is left running': {lines},
        }
        for (const [what, options] of Object.entries(changes)) {
          const result = await bench.result(fixture, bench.read(fixture, options))
          const when = `${fixture.name}, ${what}`
          if (!result.content.startsWith(plain.content))
            fail(`${when}: the content ${show(plain.content)}`, show(result.content))
          for (const key of ['backend_session_id', 'usage'] as const)
            expectEqual(result[key], plain[key], `${when}: ${key}`)
          if (!('exit' in options)) expectEqual(result.outcome, 'success', when)
        }
      }
    },
  },
]

/** What comes of a fixture, in the terms of what its author expects. */
async function outcomeOf(bench: Bench, fixture: Fixture): Promise<Record<keyof Expectation, unknown>> {
  const reading = bench.read(fixture)
  const result = await bench.result(fixture, reading)
  const plan = bench.plan(fixture.turn)
  const types = reading.events.map(({type}) => type).filter((type) => type !== 'state' && type !== 'finished')
  return {
    ...result,
    error: result.error?.message ?? 'no error',
    events: types.filter((type, index) => type !== types[index - 1]),
    args: plan.kind === 'invocation' ? plan.args : plan,
    stdin: plan.kind === 'invocation' ? plan.stdin : plan,
  } as Record<keyof Expectation, unknown>
}

/** Whether a value is as expected after it was written as JSON and read again. */
function isSame(expected: unknown, value: unknown): boolean {
  return isDeepStrictEqual(expected, JSON.parse(JSON.stringify(value ?? null)))
}

/** What an agent printed last may be told as why it failed. */
const withoutWords = (verdict: Verdict) => ('message' in verdict ? {...verdict, message: ''} : verdict)

function sessionOf({perLine}: Reading): string | undefined {
  return perLine.flat().find((event) => event.type === 'session')?.backend_session_id
}

const ANSWER: ReadonlySet<BackendEvent['type']> = new Set([
  'text', 'reasoning', 'tool_call', 'tool_result', 'usage',
]) // prettier-ignore
const EXITS: readonly {code?: number; signal?: string}[] = [
  {code: 0}, {code: 1}, {code: 255}, {signal: 'SIGTERM'}, {signal: 'SIGKILL'}, {},
] // prettier-ignore
const NOISE = Array<string[]>(100).fill(['(node:1) ExperimentalWarning: new', 'Debugger attached.']).flat()
