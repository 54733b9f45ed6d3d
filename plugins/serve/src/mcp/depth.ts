import {environmentOf, processTable} from 'clinvk-kit/process/process-tree'
import type {Env} from 'clinvk-kit/io'

/**
 * In how many turns of clinvk this process runs: an agent that asks clinvk for an agent, which asks for another one, has
 * to end somewhere. The environment says so, where all programs in between have passed it on. Codex does not, so the
 * environments of the programs themselves are looked at, too, as far as the system lets us.
 */
export function depthOf(env: Env): number {
  const turns = new Set([env.CLINVK_TURN_ID])
  const parents = new Map(processTable('').map(({parent, pid}) => [pid, parent]))
  let depth = countIn(env.CLINVK_DEPTH)
  for (
    let pid = process.ppid, steps = 0;
    pid > 1 && steps < MOST_ANCESTORS;
    pid = parents.get(pid) ?? 0, steps++
  ) {
    turns.add(environmentOf(pid, 'CLINVK_TURN_ID'))
    depth = Math.max(depth, countIn(environmentOf(pid, 'CLINVK_DEPTH')))
  }
  turns.delete(undefined)
  return Math.max(depth, turns.size)
}

/** 0 for what is no count. */
export function countIn(text: string | undefined): number {
  const count = Number(text)
  return Number.isSafeInteger(count) && count > 0 ? count : 0
}

const MOST_ANCESTORS = 64
export const MOST_DEPTH = 2
