import {UNSAFE, UNSAFE_ON_LINE} from './visible.js'

/**
 * Text on one line: line breaks and tabs become blanks; what terminals hide or obey is taken out. Blanks stay, as they
 * count in a quoted command.
 */
export function oneLine(text: string): string {
  return text
    .replace(ESCAPES, '')
    .replace(/\s+/g, (blanks) => (/^ +$/.test(blanks) ? blanks : ' '))
    .replace(UNSAFE, '')
    .trim()
}

// CSI sequences (colour, cursor), OSC sequences (titles, links), and two-character escapes; C1 forms too.

const ESCAPES =
  /(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]|\u001B\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|\u001B[@-Z\\-_]/g

/**
 * A command line that can be pasted into a shell and means exactly these words. Characters that a terminal would not
 * show need `$'…'`, which bash, zsh and ksh know; with `isOneLine` line breaks and tabs, too.
 */
export function quoteCommand(words: readonly string[], {isOneLine = false} = {}): string {
  return words.map((word) => quoteWord(word, isOneLine ? UNSAFE_ON_LINE : UNSAFE)).join(' ')
}

function quoteWord(word: string, unsafe: RegExp): string {
  // zsh takes `=ls` for the path of ls.
  if (/^[\w@%+:,./-][\w@%+=:,./-]*$/.test(word)) return word
  if (word.search(unsafe) === -1) return `'${word.replaceAll("'", `'\\''`)}'`
  const bytes = (text: string) =>
    [...new TextEncoder().encode(text)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
  return `$'${word.replaceAll(/['\\]/g, '\\$&').replace(UNSAFE_ON_LINE, bytes)}'`
}

/** `1,234,567`: digits in groups of three, without loading Intl; `-` for unknown. */
export function formatNumber(value: number | undefined): string {
  return value === undefined ? '-' : String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 session`, `1,234 sessions`. */
export function counted(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** The candidate nearest to `word`, when it is near enough to be meant: one slip in short words, so "hello" is not "help". */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const slips = Math.max(1, Math.floor(word.length / 4))
  const [best] = [...new Set(candidates)]
    // The distance is at least this; a long prompt, compared letter by letter, would take seconds.
    .filter((name) => Math.abs(name.length - word.length) <= slips)
    .map((name) => ({distance: editDistance(word, name), name}))
    .filter(({distance}) => distance <= slips)
    .sort((a, b) => a.distance - b.distance)
  return best?.name
}

/** Optimal string alignment: insert, delete, replace, or swap two neighbours. */
function editDistance(a: string, b: string): number {
  const cost = Array.from({length: a.length + 1}, (_, row) => [row])
  for (let column = 0; column <= b.length; column++) cost[0]![column] = column
  for (let row = 1; row <= a.length; row++) {
    for (let column = 1; column <= b.length; column++) {
      const replace = cost[row - 1]![column - 1]! + Number(a[row - 1] !== b[column - 1])
      let least = Math.min(cost[row - 1]![column]! + 1, cost[row]![column - 1]! + 1, replace)
      if (a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        least = Math.min(least, cost[row - 2]![column - 2]! + 1)
      cost[row]![column] = least
    }
  }

  return cost[a.length]![b.length]!
}
