import {closeSync, fstatSync, openSync, readSync} from 'node:fs'
import type {IndexEntry} from './index-entry.js'
import type {Tokens} from './usage.js'

/**
 * The index on disk: a line of JSON for each change of a session, the newest
 * last, and a checkpoint after each. The last line about a session counts.
 */
export type Line = (IndexEntry & {readonly late?: boolean}) | Deletion | Checkpoint

export interface Deletion {
  readonly id: string
  readonly deleted: true
}

/** The state of the index after the lines before it. */
export interface Checkpoint {
  /** The time of the directory of sessions, in nanoseconds: the index is current until that changes. */
  readonly changed: string
  /** Bytes before this line. */
  readonly at: number
  readonly lines: number
  readonly sessions: number
  readonly tokens: Tokens
  /** The latest use of any session. */
  readonly latest: number
  /** When every file was last looked at, in milliseconds since 1970. */
  readonly checked: number
  /** Ids of files that are not sessions of this version. */
  readonly foreign: readonly string[]
}

export function lineOf(line: Line): string {
  return `${JSON.stringify(line)}\n`
}

/** What the lines of entries contain that have this value. */
export function partOf(field: keyof IndexEntry, value: string): string {
  return `"${field}":${JSON.stringify(value)}`
}

/**
 * Lines that contain `part`, from the last one back, and the bytes before each.
 * Most readers need the end of the file only. There are none where it cannot be read.
 */
export function* linesFromEnd(
  path: string,
  part?: string,
): Generator<{line: Line | undefined; start: number}> {
  let file
  try {
    file = openSync(path, 'r')
    let end = fstatSync(file).size
    for (const length of [END_BYTES, Infinity]) {
      const offset = Math.max(0, end - length)
      const block = Buffer.alloc(end - offset)
      readSync(file, block, 0, block.length, offset)
      // A block that does not begin the file begins within a line.
      const first = offset === 0 ? 0 : block.indexOf('\n') + 1 || block.length
      for (let start, stop = block.length; stop > first; stop = start) {
        const match = part === undefined ? stop - 1 : block.lastIndexOf(part, stop - 1)
        if (match < first) break
        start = match === 0 ? 0 : block.lastIndexOf('\n', match - 1) + 1
        const next = block.indexOf('\n', match)
        yield {
          line: parse(block.toString('utf8', start, next < 0 ? block.length : next)),
          start: offset + start,
        }
      }

      end = offset + first
    }
  } catch {
    // An index that cannot be read is rebuilt.
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** Undefined for what is not a line of an index, such as half a line that a crash has left. */
function parse(text: string): Line | undefined {
  if (!/^\{"(?:id":"|changed":)/.test(text)) return undefined
  try {
    return JSON.parse(text) as Line
  } catch {
    return undefined
  }
}

/** A list of 20 sessions needs 8,000. */
const END_BYTES = 65_536
