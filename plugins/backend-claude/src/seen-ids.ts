/** Ids that were seen, 16 bytes each at most twice over: a record may have millions of lines. */
export class SeenIds {
  /** A number for each id, where it belongs or in the next free place; 0 is free. */
  #places = new Float64Array(1024)
  #count = 0

  /** False for an id that was added before. */
  add(id: string): boolean {
    if (!put(numberOf(id), this.#places)) return false
    if (++this.#count * 2 > this.#places.length) {
      const more = new Float64Array(this.#places.length * 2)
      for (const number of this.#places) if (number !== 0) put(number, more)
      this.#places = more
    }

    return true
  }
}

function put(number: number, places: Float64Array): boolean {
  let place = number % places.length
  while (places[place] !== 0) {
    if (places[place] === number) return false
    place = (place + 1) % places.length
  }

  places[place] = number
  return true
}

/** Of 52 bits, never 0: two ids of a million have the same once in ten thousand records. */
function numberOf(id: string): number {
  let [high, low] = [0x9e3779b9, 0x85ebca6b]
  for (let index = 0; index < id.length; index++) {
    const code = id.charCodeAt(index)
    high = Math.imul(high ^ code, 0x01000193)
    low = Math.imul(low ^ (code + index), 0x5bd1e995)
    low ^= low >>> 15
  }

  high ^= high >>> 13
  return (high >>> 0) * 0x100000 + (low >>> 12 || 1)
}
