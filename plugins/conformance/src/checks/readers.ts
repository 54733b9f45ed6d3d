import type {BackendEvent} from 'clinvk-contract'
import {messageOf} from 'clinvk-kit/errors/failure'
import {type Bench, expectValid, SCHEMA} from '../bench.js'
import {type Check, expectEqual, fail, isForbidden, notApplicable, show, within} from '../check.js'
import {cutPlaces, damagedLines, UNKNOWN_LINES} from '../damaged-lines.js'
import {PLAIN} from '../edge-case-turns.js'
import {withFakeGlobals} from '../fake-globals.js'

/** A reader copes with any output, and its verdict with any end of the agent. */
export const READER_CHECKS: readonly Check<Bench>[] = [
  {
    id: 'unknown-lines-kept',
    title: 'A line that the backend does not know is kept as `unparsed`, not thrown away.',
    fix: 'Return `[{type: "unparsed", line}]` for everything else.',
    run: (bench) =>
      bench.eachReading((_reading, fixture) => {
        for (const line of UNKNOWN_LINES) {
          const [events] = bench.read(fixture, {lines: [line, ...bench.linesOf(fixture)]}).perLine
          const texts = events!.flatMap((event) => Object.values(event) as unknown[])
          if (!texts.some((text) => typeof text === 'string' && text.includes(line)))
            fail(`${show(line)} as \`unparsed\``, events)
        }
      }),
  },
  {
    id: 'unknown-lines-harmless',
    title: 'Unknown lines in between change nothing of the rest.',
    fix: 'Keep no state from a line that you do not know.',
    run(bench) {
      const readable = bench.fixtures.filter((fixture) => {
        const {events} = bench.read(fixture, {lines: UNKNOWN_LINES.slice(0, 1)})
        return bench.linesOf(fixture).length > 0 && !events.some(({type}) => type === 'text')
      })
      if (readable.length === 0) return notApplicable('Every line of this agent is text.')
      return bench.eachReading((plain, fixture) => {
        const lines = bench.linesOf(fixture).flatMap((line) => [...UNKNOWN_LINES, line])
        const mixed = bench.read(fixture, {lines})
        const distance = UNKNOWN_LINES.length + 1
        const known = mixed.perLine.filter((_events, index) => index % distance === distance - 1)
        expectEqual(known, plain.perLine, 'events')
        expectEqual(mixed.verdict, plain.verdict, 'verdict')
      }, readable)
    },
  },
  {
    id: 'reader-never-throws',
    title: 'The reader throws on no line, be it cut off or without the fields that it knows.',
    fix: 'Read every field as if it may be missing or null; return `unparsed` for what makes no sense.',
    run(bench) {
      for (const {error, line} of readDamaged(bench))
        if (error !== undefined && !isForbidden(error)) fail(`no error for ${show(line)}`, messageOf(error))
    },
  },
  {
    id: 'damaged-events-shape',
    title: 'A line without the fields that it should have gives no event without them.',
    fix: 'Check the type of what you pass on; return `unparsed` for a line that lacks it.',
    run(bench) {
      for (const {events, line} of readDamaged(bench))
        for (const event of events) expectValid(SCHEMA.event, event, `events for ${show(line)}`)
    },
  },
  {
    id: 'reader-repeatable',
    title: 'The same output gives the same events and the same verdict.',
    fix: 'Use no random numbers and nothing that is kept between turns.',
    run: (bench) =>
      bench.eachReading((_reading, fixture) => {
        const [first, again] = [1, 2].map(() => withFakeGlobals({now: NOW}, () => bench.read(fixture)))
        expectEqual(again!.perLine, first!.perLine, 'events')
        expectEqual(again!.verdict, first!.verdict, 'verdict')
      }),
  },
  {
    id: 'readers-apart',
    title: 'Two readers that work at the same time do not affect each other.',
    fix: 'Keep what a reader has seen in the reader, not in the module.',
    run: (bench) =>
      bench.eachReading((_reading, fixture) => {
        const alone = withFakeGlobals({now: NOW}, () => bench.read(fixture)).perLine
        const turn = {...PLAIN, ...fixture.turn}
        const together = withFakeGlobals({now: NOW}, () =>
          bench.guard.watch('reader', () => {
            const readers = [bench.backend.reader(turn), bench.backend.reader(turn)]
            return bench.linesOf(fixture).map((line) => readers.map((reader) => reader.line(line)))
          }),
        )
        for (const one of [0, 1])
          expectEqual(
            together.map((events) => events[one]),
            alone,
            'events',
          )
      }),
  },
  {
    id: 'verdict-always',
    title: 'However the agent ends, there is a verdict, with a message unless it is a success.',
    fix: 'Let `end` say what is known: the exit code or the signal, and the end of standard error.',
    run: (bench) =>
      bench.eachReading((_reading, fixture) => {
        const lines = bench.linesOf(fixture)
        for (const place of cutPlaces(lines.length))
          for (const exit of [{code: 0}, {code: 1}, {code: 255}, {signal: 'SIGTERM'}, {}])
            within(`ended after ${place} lines (${show(exit)})`, () => {
              const {verdict} = bench.read(fixture, {lines: lines.slice(0, place), exit})
              expectValid(SCHEMA.verdict, verdict, 'a verdict')
            })
      }),
  },
  {
    id: 'crash-is-no-success',
    title: 'An agent that crashes or is killed before its last line has not succeeded.',
    fix: 'Return success only when the agent has said that it is done, or has ended by itself with code 0.',
    run: (bench) =>
      bench.eachReading(({perLine}, fixture) => {
        const lines = bench.linesOf(fixture)
        const last = perLine.findIndex((events) => events.some(({type}) => type === 'finished'))
        for (const place of cutPlaces(last === -1 ? lines.length : last))
          for (const exit of [{code: 1}, {signal: 'SIGKILL'}]) {
            const {verdict} = bench.read(fixture, {lines: lines.slice(0, place), exit})
            const when = `after ${place} of ${lines.length} lines, ${show(exit)}`
            if (verdict.outcome === 'success') fail(`no success ${when}`, verdict)
          }
      }, bench.successes),
  },
  {
    id: 'silence-is-no-success',
    title: 'An agent that prints nothing has not succeeded, even with exit code 0.',
    fix: 'Return success only when the agent has said something.',
    run: (bench) =>
      bench.eachReading(
        (_reading, fixture) => {
          const {verdict} = bench.read(fixture, {lines: [], exit: {code: 0}})
          if (verdict.outcome === 'success') fail('no success', verdict)
        },
        bench.successes.slice(0, 1),
      ),
  },
]

/** What the reader makes of each line of the fixtures when it is damaged, after up to three lines before it. */
function* readDamaged(
  bench: Bench,
): Generator<{readonly line: string; readonly events: readonly BackendEvent[]; readonly error?: unknown}> {
  for (const fixture of bench.fixtures) {
    const lines = bench.linesOf(fixture)
    for (const [index, intact] of lines.entries()) {
      const before = lines.slice(Math.max(0, index - 3), index)
      for (const line of damagedLines(intact)) {
        try {
          yield {line, events: bench.read(fixture, {lines: [...before, line]}).perLine.at(-1)!}
        } catch (error) {
          yield {line, events: [], error}
        }
      }
    }
  }
}

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)
