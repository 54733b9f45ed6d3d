import type {Host, Json} from 'clinvk-contract'
import {inAnotherWorld} from '../another-world.js'
import {attempt, attemptOrNothing} from '../attempt.js'
import type {Bench} from '../bench.js'
import {type Check, expectThat, notApplicable, show} from '../check.js'
import {hardTurns} from '../hard-turns.js'
import {HOST, SESSION_ID} from '../invented.js'
import {flawOfPlan} from '../shapes.js'

/** A plan is pure, and has the shape of one. */
export const PLAN_CHECKS: readonly Check<Bench>[] = [
  {
    id: 'plan-never-throws',
    title: 'Each turn gets a plan or a refusal, whatever stands in it.',
    fix: 'Return a refusal for what the agent cannot do: `{kind: "refusal", option, reason}`.',
    run(bench) {
      for (const [what, turn] of hardTurns(bench)) {
        for (const host of [HOST, {...HOST, isRoot: true}, {...HOST, env: {}}, {...HOST, platform: 'win32'}])
          attempt(what, () => bench.plan(turn, host))
      }
    },
  },
  {
    id: 'plan-shape',
    title: 'A plan has arguments, standard input and environment as the contract says.',
    fix: 'Return `{kind: "invocation", args, stdin}` with texts only; leave out a variable or set it to undefined.',
    run(bench) {
      for (const [what, turn] of hardTurns(bench)) {
        const plan = attemptOrNothing(() => bench.plan(turn))
        const flaw = plan && flawOfPlan(plan)
        expectThat(flaw === undefined, `an invocation or a refusal for ${what}`, `It ${flaw ?? ''}`)
      }
    },
  },
  {
    id: 'plan-repeatable',
    title: 'The same turn gives the same plan, at another time and in another environment.',
    fix: 'Use what stands in `turn` and `host`; no clock, no random numbers, no `process.env`.',
    run(bench) {
      for (const [what, turn] of hardTurns(bench)) {
        const [first, again] = [false, true].map((other) =>
          attemptOrNothing(() => (other ? inAnotherWorld(() => bench.plan(turn)) : bench.plan(turn))),
        )
        const same = JSON.stringify(first) === JSON.stringify(again)
        expectThat(same, `the same plan for ${what}: ${show(first)}`, show(again))
      }
    },
  },
  {
    id: 'plan-leaves-turn',
    title: 'Planning changes neither the turn nor the host.',
    fix: 'Copy what you change: `[...turn.extra, "--json"]`.',
    run(bench) {
      for (const [what, turn] of hardTurns(bench)) {
        const host = structuredClone<Host>(HOST)
        const before = JSON.stringify([turn, host])
        attemptOrNothing(() => bench.plan(turn, host))
        expectThat(before === JSON.stringify([turn, host]), `${what} as it was`, show([turn, host]))
      }
    },
  },
  {
    id: 'plan-files-in-scratch',
    title: 'Files of a plan lie in the scratch directory of the turn.',
    fix: 'Build their paths with `${host.scratch}/name`; everything there is removed after the turn.',
    run(bench) {
      for (const [what, turn] of hardTurns(bench)) {
        for (const scratch of ['/scratch', '/elsewhere']) {
          const plan = attemptOrNothing(() => bench.plan(turn, {...HOST, scratch}))
          const files = plan?.kind === 'invocation' ? (plan.files ?? []) : []
          const outside = files.find(({path}) => !path.startsWith(`${scratch}/`) || path.includes('/../'))
          expectThat(outside === undefined, `files below ${scratch} for ${what}`, show(outside?.path))
        }
      }
    },
  },
  {
    id: 'old-state-harmless',
    title: 'A state that is missing, old or damaged stops no turn.',
    fix: 'Check the shape of `session.state` before you use it.',
    run(bench) {
      if (!bench.entry.descriptor.capabilities.resume) return notApplicable('The agent does not resume.')
      const states: Json[] = [null, 'x', 0, false, [], {}, {turns: 'x', total: null, id: []}, [[null]]]
      for (const state of states) {
        const session = {kind: 'resume', id: SESSION_ID, state} as const
        attempt(`a state ${show(state)}`, () => bench.plan(bench.turn({session})))
        for (const fixture of bench.successes)
          attempt(`a reader with a state ${show(state)}`, () => bench.read(fixture, {turn: {session}}))
      }

      return undefined
    },
  },
]
