// The store under many processes, killed and stopped at random, for longer than the test has time for:
// `npx tsx bench/storm.js [--rounds N] [--seed N]`. Each round has a store of its own, small or large, and a seed
// of its own, which is printed: with it the round runs again.
import {parseArgs} from 'node:util'
import {storm} from '../test/support/storm.ts'

const {values} = parseArgs({options: {rounds: {type: 'string', default: '20'}, seed: {type: 'string'}}})
const first = Number(values.seed ?? Math.floor(Math.random() * 2 ** 30))
const sums = {changes: 0, killed: 0, stopped: 0, foreign: 0}
for (let round = 0; round < Number(values.rounds); round++) {
  const seed = first + round
  const sessions = seed % 2 === 0 ? 20 : 300
  process.stdout.write(`seed ${seed}, ${sessions} sessions: `)
  const result = await storm({seed, rounds: 3, workers: 6, changes: 80, sessions})
  for (const name of Object.keys(sums)) sums[name] += result[name]
  console.log(`${result.changes} changes, ${result.killed} killed, ${result.stopped} stopped, nothing lost`)
}

console.log(`${values.rounds} rounds:`, sums)
