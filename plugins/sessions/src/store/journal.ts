import {closeSync, fstatSync, openSync, readSync, renameSync, writeFileSync, writeSync} from 'node:fs'
import {constants} from 'node:fs'
import {dirname} from 'node:path'
import type {AnyEntry} from './index-entry.js'
import {parse, parseAll, type Seal} from './journal-line.js'
import {makeDirectory} from 'clinvk-kit/files/make-directory'

/**
 * The index on disk: lines of JSON, of which the last one about a session counts,
 * and a seal after every change. It is only ever added to or replaced whole, and
 * ASCII throughout, so that it can be searched and read backwards as bytes.
 */
export class Journal {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** As it stands now, whatever becomes of its name meanwhile; to be closed. Undefined when there is none. */
  open(mode: 'read' | 'append' = 'read'): OpenJournal | undefined {
    let file
    try {
      file = openSync(this.#path, mode === 'read' ? 'r' : constants.O_RDWR | constants.O_APPEND)
      return new OpenJournal(file)
    } catch {
      if (file !== undefined) closeSync(file)
      return undefined
    }
  }

  replace(text: string): void {
    const temporary = `${this.#path}.new`
    makeDirectory(dirname(this.#path))
    writeFileSync(temporary, text, {mode: 0o600})
    renameSync(temporary, this.#path)
  }
}

export class OpenJournal {
  /** In bytes, when it was opened. */
  readonly size: number
  /** The one at its end; undefined when it does not end in one, or other bytes are missing or too many. */
  readonly seal: Seal | undefined
  readonly #file: number

  constructor(file: number) {
    this.#file = file
    this.size = fstatSync(file).size
    const tail = this.#text(Math.max(0, this.size - LONGEST_SEAL))
    const last = tail.slice(tail.lastIndexOf('\n', tail.length - 2) + 1)
    const seal = last.endsWith('\n') ? parse(last) : undefined
    if (seal && 'changed' in seal && seal.at === this.size - last.length) this.seal = seal
  }

  close(): void {
    closeSync(this.#file)
  }

  /** What counts of all lines. */
  entries(): Map<string, AnyEntry> {
    const entries = new Map<string, AnyEntry>()
    for (const record of parseAll(this.#text(0))) {
      if ('changed' in record) continue
      if ('gone' in record) entries.delete(record.id)
      else entries.set(record.id, record)
    }

    return entries
  }

  /** Lines from the last back. With `part` those that hold it: fast where few do. */
  *lines(part = ''): Generator<string> {
    let buffer = Buffer.allocUnsafe(FIRST_BLOCK)
    // A block begins in the middle of a line, which is read with the block before it.
    let rest = ''
    let end = this.size
    for (let length = FIRST_BLOCK; end > 0; length = LARGEST_BLOCK) {
      const start = Math.max(0, end - length)
      const size = end - start + rest.length
      if (buffer.length < size) buffer = Buffer.allocUnsafe(size)
      readSync(this.#file, buffer, 0, end - start, start)
      buffer.write(rest, end - start, 'latin1')
      const block = buffer.subarray(0, size)
      const cut = start === 0 ? 0 : block.indexOf('\n') + 1 || size
      rest = block.toString('latin1', 0, cut)
      end = start
      if (part !== '' && !block.includes(part, cut)) continue
      const lines = block.toString('latin1', cut).split('\n')
      for (let index = lines.length - 1; index >= 0; index--) {
        if (lines[index] !== '' && lines[index]!.includes(part)) yield lines[index]!
      }
    }
  }

  append(text: string): void {
    writeSync(this.#file, text)
  }

  #text(start: number): string {
    const buffer = Buffer.allocUnsafe(this.size - start)
    return buffer.toString('latin1', 0, readSync(this.#file, buffer, 0, buffer.length, start))
  }
}

/** Bytes. A seal that is longer, because of a thousand foreign files, is not found: then the files are compared. */
const LONGEST_SEAL = 32_768
const FIRST_BLOCK = 32_768
const LARGEST_BLOCK = 262_144
