import type {Verdict} from 'clinvk-contract'
import type {Bench} from '../bench.js'
import {type Check, CheckFailed, expectThat, notApplicable, show} from '../check.js'
import {cutPlaces} from '../damage.js'
import {isForbidden} from '../guard.js'
import {ofEach, read} from '../read-fixture.js'
import {flawOfVerdict} from '../shapes.js'

/** How a turn went, however the agent ended. */
export const VERDICT_CHECKS: readonly Check<Bench>[] = [
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
]
