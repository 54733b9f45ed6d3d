import type {BackendEvent} from 'clinvk-contract'
import {messageOf} from 'clinvk-kit/errors/message-of'
import type {Bench} from '../bench.js'
import {type Check, CheckFailed, expectEqual, expectThat, notApplicable, show} from '../check.js'
import {damagedLines, UNKNOWN_LINES} from '../damage.js'
import {isForbidden} from '../guard.js'
import {ofEach, read} from '../read-fixture.js'
import {flawOfEvent} from '../shapes.js'

/** Lines that the backend does not know, or not so. */
export const UNKNOWN_LINE_CHECKS: readonly Check<Bench>[] = [
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
