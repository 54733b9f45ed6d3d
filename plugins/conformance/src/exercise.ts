import type {Bench} from './bench.js'
import {callOptionalParts} from './checks/optional.js'
import {attemptOrNothing} from './attempt.js'
import {hardTurns} from './hard-turns.js'
import {lookAround} from './surroundings.js'

/** Has every part of the backend do something, once, for the checks that watch what it does besides. */
export async function exercise(bench: Bench): Promise<void> {
  if (bench.surroundings) return
  const before = bench.beginning
  for (const [, turn] of hardTurns(bench)) attemptOrNothing(() => bench.plan(turn))
  for (const fixture of bench.fixtures) attemptOrNothing(() => bench.read(fixture))
  await callOptionalParts(bench)
  const {resources, state} = lookAround()
  const left = [...resources]
  for (const known of before.resources) if (left.includes(known)) left.splice(left.indexOf(known), 1)
  bench.surroundings = {before: before.state, after: state, left}
}
