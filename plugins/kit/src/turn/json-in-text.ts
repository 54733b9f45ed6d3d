/**
 * The JSON values in what an agent has said, the likeliest first: the whole text, what stands in code fences, what
 * stands between other words; of several the last, which is the one that came after thinking.
 */
export function* jsonIn(text: string): Generator<unknown, void> {
  const whole = parsed(text)
  if (whole) {
    yield whole.value
    return
  }

  const fenced = [...text.matchAll(FENCE)].flatMap(([, , inside = '']) => parsed(inside) ?? [])
  for (const {value} of fenced.reverse()) yield value
  for (const value of between(text).reverse()) yield value
}

/** Objects and lists, each whole. */
function between(text: string): unknown[] {
  const values: unknown[] = []
  // Where many brackets are never closed, each would be followed to the end.
  let left = MOST_CHARACTERS
  for (let start = nextOpening(text, 0); start >= 0 && left > 0;) {
    const end = behindClosing(text, start)
    left -= end - start
    const found = parsed(text.slice(start, end))
    if (found) values.push(found.value)
    start = nextOpening(text, found ? end : start + 1)
  }
  return values
}

function nextOpening(text: string, from: number): number {
  OPENING.lastIndex = from
  return OPENING.exec(text)?.index ?? -1
}

/** Behind the bracket that closes the one at `start`; the end of the text where none does. */
function behindClosing(text: string, start: number): number {
  let depth = 0
  PART.lastIndex = start
  for (let part = PART.exec(text); part; part = PART.exec(text)) {
    if (part[0] === '{' || part[0] === '[') depth++
    else if ((part[0] === '}' || part[0] === ']') && --depth === 0) return PART.lastIndex
  }
  return text.length
}

/** In an object, because the value may be null. */
function parsed(text: string): {value: unknown} | undefined {
  try {
    return {value: JSON.parse(text) as unknown}
  } catch {
    return undefined
  }
}

const FENCE = /^[ \t]*(`{3,}|~{3,})[^\n]*\n(.*?)^[ \t]*\1/gms
const OPENING = /[[{]/g
/** A bracket, or a text, in which brackets mean nothing. */
const PART = /[[\]{}]|"(?:[^"\\\n]|\\.)*"/g
const MOST_CHARACTERS = 16 * 1024 * 1024
