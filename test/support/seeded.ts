import {randomFrom} from '../e2e/processes/random.js'

/** Random choices that are the same for the same seed. */
export interface Random {
  /** From 0 on, below `end`. */
  int(end: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
  shuffle<T>(items: readonly T[]): T[]
}

export function seeded(seed: number): Random {
  const next = randomFrom(seed)
  const int = (end: number) => Math.floor(next() * end)
  return {
    int,
    chance: (probability) => next() < probability,
    pick: (items) => items[int(items.length)]!,
    shuffle: (items) =>
      items
        .map((item) => ({item, place: next()}))
        .sort((a, b) => a.place - b.place)
        .map(({item}) => item),
  }
}
