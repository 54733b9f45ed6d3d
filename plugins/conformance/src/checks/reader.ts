import {atOneMoment} from '../another-world.js'
import type {Bench} from '../bench.js'
import {type Check, expectEqual} from '../check.js'
import {ofEach, read} from '../read-fixture.js'

/** A reader depends on its lines alone. */
export const READER_CHECKS: readonly Check<Bench>[] = [
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
]
