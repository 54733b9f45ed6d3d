import {quartiles} from './quartiles.js'

/**
 * Runs subjects in one or more places, in turn (A B C A B C), so that a slow minute hits all of them. Gives a row
 * for each thing measured: the quartiles of its `values` by place, and of the `change` from the first place to
 * the second where there are two.
 */
export async function measure(subjects, places, pairs) {
  const running = []
  for (const subject of subjects) {
    const samples = []
    for (const place of places) samples.push(await subject.prepare(place.with(subject.name)))
    running.push({subject, samples, rounds: []})
  }

  // The first round fills caches and is not counted.
  for (let round = 0; round <= pairs; round++) {
    for (const {rounds, samples, subject} of running) {
      if (subject.rounds !== undefined && (round === 0 || round > subject.rounds)) continue
      process.stderr.write(process.stderr.isTTY ? `\r\u001B[2K${round} of ${pairs}: ${subject.name}` : '')
      const found = []
      // Who comes first takes turns, too.
      const order = [...samples.keys()]
      for (const index of round % 2 === 0 ? order : order.toReversed()) found[index] = await samples[index]()
      if (round > 0) rounds.push(found)
    }
  }

  if (process.stderr.isTTY) process.stderr.write('\r\u001B[2K')
  return running.flatMap(({rounds, subject}) =>
    subject.rows.map((row, index) => ({
      ...row,
      name: subject.name,
      count: rounds.length,
      values: places.map((_, place) => quartiles(rounds.map((found) => valueOf(found[place][index])))),
      ...(places.length === 2
        ? {
            change: quartiles(
              rounds.map(([first, second]) => lengthOf(second[index]) / lengthOf(first[index])),
            ),
          }
        : {}),
    })),
  )
}

function valueOf(sample) {
  return typeof sample === 'number' ? sample : sample.ms / sample.base
}

/** To compare two places, a multiple's own time is better than the multiple: it has the noise of one run less. */
function lengthOf(sample) {
  return typeof sample === 'number' ? sample : sample.ms
}
