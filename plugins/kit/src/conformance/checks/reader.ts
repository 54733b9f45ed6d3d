import type {BackendEvent, Verdict} from '../../contract.js'
import {messageOf} from '../../message-of.js'
import {atOneMoment} from '../another-world.js'
import type {Bench, Reading, ReadingOptions} from '../bench.js'
import {OTHER_SESSION_ID} from '../invented.js'
import {type Check, CheckFailed, expectEqual, expectThat, notApplicable, show} from '../check.js'
import {cutPlaces, damagedLines, UNKNOWN_LINES} from '../damage.js'
import {expectationsOf} from '../expectations.js'
import type {Fixture} from '../fixtures.js'
import {isForbidden} from '../guard.js'
import {flawOfEvent, flawOfVerdict, survivesJson} from '../shapes.js'

export const READER_CHECKS: readonly Check<Bench>[] = [
  {
    id: 'fixtures-as-expected',
    title: 'Each fixture gives what its author expects of it.',
    fix: 'Correct the backend, or what the fixture expects.',
    async run(bench) {
      for (const fixture of bench.fixtures) {
        for (const [what, expected, found] of await expectationsOf(bench, fixture)) {
          throw new CheckFailed(`${fixture.name}: ${what} ${show(expected)}`, show(found))
        }
      }
    },
  },
  {
    id: 'events-shape',
    title: 'Each event is one that the contract knows, with its fields.',
    fix: 'Compare with docs/plugins/contract.md; leave a field out when the agent does not tell it.',
    run: (bench) =>
      ofEach(bench, (fixture, {events}) => {
        for (const event of events) {
          const flaw = flawOfEvent(event)
          expectThat(flaw === undefined, `${fixture.name}: events of the contract`, `An event ${flaw}`)
        }
      }),
  },
  {
    id: 'session-once',
    title: "The agent's session id is told once a turn.",
    fix: 'Remember that it was told; agents repeat it in every line.',
    run: (bench) =>
      ofEach(bench, (fixture, {events}) => {
        const told = events.filter(({type}) => type === 'session').length
        expectThat(told <= 1, `${fixture.name}: one session event`, `${told} of them`)
      }),
  },
  {
    id: 'session-first',
    title: 'The session id is told as soon as the agent tells it, so that a turn that breaks off can go on.',
    fix: 'Return the session event for the first line that has the id, before its other events.',
    run: (bench) =>
      ofEach(bench, (fixture, {perLine}) => {
        const id = perLine.flat().find((event) => event.type === 'session')?.backend_session_id
        if (id === undefined) return
        const named = bench.linesOf(fixture).findIndex((line) => line.includes(id))
        const at = perLine.findIndex((events) => events.some(({type}) => type === 'session'))
        if (named === -1 || at === -1) return
        const place = perLine[at]!.findIndex(({type}) => type === 'session')
        const early = [...perLine.slice(named, at).flat(), ...perLine[at]!.slice(0, place)].find(({type}) =>
          ANSWER.has(type),
        )
        expectThat(
          early === undefined,
          `${fixture.name}: the session before the answer`,
          `${early?.type} comes before`,
        )
      }),
  },
  {
    id: 'session-as-told',
    title:
      'The session id is the one that the agent told: when it begins another conversation, clinvk notices.',
    fix: 'Take the id from the output, not from `turn.session`.',
    run(bench) {
      let seen = 0
      for (const fixture of bench.fixtures) {
        const id = sessionOf(read(bench, fixture))
        if (id === undefined || !bench.linesOf(fixture).some((line) => line.includes(id))) continue
        seen++
        const other = sessionOf(
          read(bench, fixture, {turn: {session: {kind: 'resume', id: OTHER_SESSION_ID}}}),
        )
        expectThat(
          other === id,
          `${fixture.name}: ${id}, also when ${OTHER_SESSION_ID} was asked for`,
          show(other),
        )
      }

      return seen === 0 ? notApplicable('No fixture shows a session id of the agent.') : undefined
    },
  },
  {
    id: 'tools-paired',
    title: 'Each tool result follows its call, and no two calls have one id.',
    fix: "Use the agent's own id of the call in both events; where it has none, number the calls.",
    run: (bench) =>
      ofEach(bench, (fixture, {events}) => {
        const open = new Set<string>()
        const seen = new Set<string>()
        for (const event of events) {
          if (event.type === 'tool_call') {
            expectThat(
              event.id !== '' && !seen.has(event.id),
              `${fixture.name}: an id of its own for ${event.name}`,
              show(event.id),
            )
            seen.add(event.id)
            open.add(event.id)
          } else if (event.type === 'tool_result') {
            const isPaired = open.delete(event.id)
            expectThat(
              isPaired,
              `${fixture.name}: a tool_call before the tool_result ${event.id}`,
              'there is none, or it has its result',
            )
          }
        }

        if (fixture.expect.outcome !== 'success') return
        expectThat(
          open.size === 0,
          `${fixture.name}: a result of each tool call`,
          `none of ${[...open].join(', ')}`,
        )
      }),
  },
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
  {
    id: 'finished-last',
    title: 'After `finished` nothing of the answer comes: clinvk gives the agent a few seconds from there.',
    fix: 'Return `finished` for the last line of the agent alone, or leave it out.',
    run: (bench) =>
      ofEach(bench, (fixture, {events}) => {
        const at = events.findIndex(({type}) => type === 'finished')
        const late = at === -1 ? undefined : events.slice(at).find(({type}) => ANSWER.has(type))
        expectThat(late === undefined, `${fixture.name}: nothing of the answer after finished`, show(late))
      }),
  },
  {
    id: 'unknown-lines-kept',
    title: 'A line that the backend does not know is kept as `unparsed`, not thrown away.',
    fix: 'Return `[{type: "unparsed", line}]` for everything else.',
    run: (bench) =>
      ofEach(bench, (fixture) => {
        for (const line of UNKNOWN_LINES) {
          const {perLine} = read(bench, fixture, {lines: [line, ...bench.linesOf(fixture)]})
          const kept = perLine[0]!.some((event) =>
            Object.values(event).some((value) => typeof value === 'string' && value.includes(line)),
          )
          expectThat(kept, `${show(line)} as \`unparsed\``, show(perLine[0]))
        }
      }),
  },
  {
    id: 'unknown-lines-harmless',
    title: 'Unknown lines in between change nothing of the rest.',
    fix: 'Keep no state from a line that you do not know.',
    run(bench) {
      let applies = false
      for (const fixture of bench.fixtures) {
        const lines = bench.linesOf(fixture)
        const plain = read(bench, fixture)
        const [strange] = read(bench, fixture, {lines: [UNKNOWN_LINES[0]!]}).events.filter(
          ({type}) => type === 'text',
        )
        if (strange || lines.length === 0) continue
        applies = true
        const gap = UNKNOWN_LINES.length + 1
        const mixed = read(bench, fixture, {lines: lines.flatMap((line) => [...UNKNOWN_LINES, line])})
        const rest = mixed.perLine.filter((_events, index) => index % gap === gap - 1)
        expectEqual(rest, plain.perLine, fixture.name)
        expectEqual(mixed.verdict, plain.verdict, fixture.name)
      }

      return applies ? undefined : notApplicable('Every line of this agent is text.')
    },
  },
  {
    id: 'reader-never-throws',
    title: 'The reader throws on no line, be it cut off or without the fields that it knows.',
    fix: 'Read every field as if it may be missing or null; return `unparsed` for what makes no sense.',
    run(bench) {
      for (const {damaged, error} of readDamaged(bench))
        if (error !== undefined && !isForbidden(error))
          throw new CheckFailed(`no error for ${show(damaged)}`, messageOf(error))
    },
  },
  {
    id: 'damaged-events-shape',
    title: 'A line without the fields that it should have gives no event without them.',
    fix: 'Check the type of what you pass on; return `unparsed` for a line that lacks it.',
    run(bench) {
      for (const {damaged, events} of readDamaged(bench)) {
        for (const event of events) {
          const flaw = flawOfEvent(event)
          expectThat(flaw === undefined, `events of the contract for ${show(damaged)}`, `An event ${flaw}`)
        }
      }
    },
  },
  {
    id: 'reader-repeatable',
    title: 'The same output gives the same events and the same verdict.',
    fix: 'Use no random numbers and nothing that is kept between turns.',
    run: (bench) =>
      ofEach(bench, (fixture) => {
        const [first, again] = [1, 2].map(() => atOneMoment(() => read(bench, fixture)))
        expectEqual(again!.perLine, first!.perLine, fixture.name)
        expectEqual(again!.verdict, first!.verdict, fixture.name)
      }),
  },
  {
    id: 'readers-apart',
    title: 'Two readers at work at once know nothing of each other.',
    fix: 'Keep what a reader has seen in the reader, not in the module.',
    run: (bench) =>
      ofEach(bench, (fixture) => {
        const lines = bench.linesOf(fixture)
        const turn = bench.turn(fixture.turn)
        const alone = atOneMoment(() => read(bench, fixture)).perLine
        const [first, second] = atOneMoment(() =>
          bench.guard.watch('reader', () => {
            const [one, two] = [bench.backend.reader(turn), bench.backend.reader(turn)]
            const events = lines.map((line) => [one.line(line), two.line(line)] as const)
            return [events.map(([left]) => left), events.map(([, right]) => right)] as const
          }),
        )
        for (const together of [first, second]) expectEqual(together, alone, fixture.name)
      }),
  },
  {
    id: 'verdict-always',
    title: 'However the agent ends, there is a verdict, with a message unless it is a success.',
    fix: 'Let `end` say what is known: the exit code or the signal, and the end of standard error.',
    run: (bench) =>
      ofEach(bench, (fixture) => {
        const lines = bench.linesOf(fixture)
        for (const place of cutPlaces(lines.length)) {
          for (const exit of [{code: 0}, {code: 1}, {code: 255}, {signal: 'SIGTERM'}, {}]) {
            const where = `${fixture.name}, ended after ${place} lines (${show(exit)})`
            let verdict: Verdict | undefined
            try {
              ;({verdict} = bench.read(fixture, {lines: lines.slice(0, place), exit}))
            } catch (error) {
              if (!isForbidden(error)) throw new CheckFailed(`a verdict: ${where}`, String(error))
              continue
            }

            const flaw = flawOfVerdict(verdict)
            expectThat(flaw === undefined, `a verdict of the contract: ${where}`, `It ${flaw}`)
          }
        }
      }),
  },
  {
    id: 'crash-is-no-success',
    title: 'An agent that crashes or is killed before its last word has not succeeded.',
    fix: 'Return success only when the agent has said that it is done, or has ended by itself with code 0.',
    run(bench) {
      for (const fixture of bench.successes) {
        const lines = bench.linesOf(fixture)
        const {perLine} = read(bench, fixture)
        const last = perLine.findIndex((events) => events.some(({type}) => type === 'finished'))
        const places = last === -1 ? cutPlaces(lines.length) : cutPlaces(last)
        for (const place of places) {
          for (const exit of [{code: 1}, {signal: 'SIGKILL'}]) {
            const {verdict} = read(bench, fixture, {lines: lines.slice(0, place), exit})
            expectThat(
              verdict.outcome !== 'success',
              `${fixture.name}, after ${place} of ${lines.length} lines, ${show(exit)}: no success`,
              show(verdict),
            )
          }
        }
      }

      return bench.successes.length === 0 ? notApplicable('No fixture is a success.') : undefined
    },
  },
  {
    id: 'silence-is-no-success',
    title: 'An agent that says nothing has not succeeded, also with exit code 0.',
    fix: 'Return success only when the agent has said something.',
    run(bench) {
      const [fixture] = bench.successes
      if (!fixture) return notApplicable('No fixture is a success.')
      const {verdict} = read(bench, fixture, {lines: [], exit: {code: 0}})
      expectThat(verdict.outcome !== 'success', 'no success', show(verdict))
      return undefined
    },
  },
  {
    id: 'state-is-data',
    title: 'What is kept with the session is the same after it was written as JSON and read again.',
    fix: 'Keep texts, numbers, lists and plain objects; no Date, no Map, nothing undefined.',
    run(bench) {
      let seen = 0
      for (const fixture of bench.fixtures) {
        for (const event of read(bench, fixture).events) {
          if (event.type !== 'state') continue
          seen++
          expectThat(
            survivesJson(event.state),
            `${fixture.name}: data that survives JSON`,
            `${show(event.state)} is no plain data`,
          )
        }
      }

      return seen === 0 ? notApplicable('The backend keeps no state.') : undefined
    },
  },
]

interface DamagedReading {
  readonly damaged: string
  readonly events: readonly BackendEvent[]
  readonly error?: unknown
}

/** What the reader makes of each line of the fixtures when it is damaged, after those before it. */
function* readDamaged(bench: Bench): Generator<DamagedReading> {
  for (const fixture of bench.fixtures) {
    const lines = bench.linesOf(fixture)
    for (const [index, line] of lines.entries()) {
      for (const damaged of damagedLines(line)) {
        try {
          const before = lines.slice(Math.max(0, index - 3), index)
          yield {damaged, events: bench.read(fixture, {lines: [...before, damaged]}).perLine.at(-1)!}
        } catch (error) {
          yield {damaged, events: [], error}
        }
      }
    }
  }
}

function ofEach(
  bench: Bench,
  check: (fixture: Fixture, reading: Reading) => void,
): ReturnType<typeof notApplicable> | undefined {
  for (const fixture of bench.fixtures) check(fixture, read(bench, fixture))
  return bench.fixtures.length === 0 ? notApplicable('There are no fixtures.') : undefined
}

/** What a reader makes of a run; empty where the guard has stopped it, of which another check tells. */
function read(bench: Bench, fixture: Fixture, options: ReadingOptions = {}): Reading {
  try {
    return bench.read(fixture, options)
  } catch (error) {
    if (!isForbidden(error)) throw error
    return {perLine: [], events: [], verdict: {outcome: 'failed', message: 'The reader was stopped.'}}
  }
}

function sessionOf({events}: Reading): string | undefined {
  return events.find((event) => event.type === 'session')?.backend_session_id
}

/** Events that make up an answer. */
const ANSWER: ReadonlySet<BackendEvent['type']> = new Set([
  'text',
  'reasoning',
  'tool_call',
  'tool_result',
  'usage',
])
