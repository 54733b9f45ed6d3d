/** The median of some numbers, and the bounds that half of them lie within. */
export function quartiles(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  const at = (part) => {
    const place = (sorted.length - 1) * part
    const below = sorted[Math.floor(place)]
    return below + (sorted[Math.ceil(place)] - below) * (place % 1)
  }

  return {lower: at(0.25), median: at(0.5), upper: at(0.75)}
}
