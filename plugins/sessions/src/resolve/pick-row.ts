import {autocomplete, isCancel} from '@clack/prompts'
import {widthOf} from 'clinvk-kit/format/table'
import {drawingOn} from 'clinvk-kit/format/terminal'
import type {IO} from 'clinvk-kit/io'

export interface Rows {
  readonly message: string
  /** A line over the rows and a line for each, of at most so many columns, without what a terminal obeys. */
  readonly lines: (columns: number) => readonly string[]
  readonly placeholder: string
  /** What is said when no row fits. */
  readonly nothing: string
  /** Of each row, in which what is typed is looked for. */
  readonly texts: readonly string[]
  /** The same: rows in which it stands here come first. */
  readonly titles?: readonly string[]
}

/**
 * Lets the user pick a row, and gives its index; undefined when the user leaves with Esc or Ctrl-C. The list is drawn on
 * stderr: stdout is for the answer.
 */
export async function pickRow(
  {lines, message, nothing, placeholder, texts, titles = []}: Rows,
  {stdin, stderr}: IO,
): Promise<number | undefined> {
  const [header = '', ...labels] = lines(Math.max(20, widthOf(stderr) - FRAME_COLUMNS))
  const matching = (typed: string) => {
    const inTitles = withWords(titles, typed)
    return [...new Set([...inTitles, ...withWords(texts, typed)])]
  }
  const maxItems = Math.max(5, Math.min(15, (stderr.rows || 24) - 8))
  const drawn: {list?: {readonly cursor: number; readonly filteredOptions: readonly unknown[]}} = {}
  // The list knows no page keys: each is as many steps as rows are seen between its dots, and stops at the end.
  const onKey = (_text: unknown, {name = ''}: {name?: string} = {}) => {
    const step = {pagedown: 'down', pageup: 'up'}[name]
    const {list} = drawn
    if (step === undefined || !list) return
    const left = step === 'up' ? list.cursor : list.filteredOptions.length - 1 - list.cursor
    for (let count = Math.min(left, maxItems - 2); count > 0; count--)
      stdin.emit('keypress', undefined, {name: step})
  }
  const answer = autocomplete<number>({
    message: `${message}\n${' '.repeat(FRAME_COLUMNS - 1)}${header}`,
    options() {
      drawn.list = this
      return matching(this.userInput).map((index) => ({value: index, label: labels[index]!}))
    },
    filter: () => true,
    validate: (value) => (value === undefined ? nothing : undefined),
    maxItems,
    placeholder,
    input: stdin,
    output: drawingOn(stderr),
  })
  stdin.on('keypress', onKey)
  const picked = await answer.finally(() => stdin.off('keypress', onKey))
  return isCancel(picked) ? undefined : picked
}

/** Indexes of the texts that have all words. */
function withWords(texts: readonly string[], typed: string): number[] {
  const words = typed.toLowerCase().split(/\s+/)
  const hasAll = (text: string) => words.every((word) => text.toLowerCase().includes(word))
  return [...texts.keys()].filter((index) => hasAll(texts[index]!))
}

/** Columns that the frame and the mark before a row take. */
const FRAME_COLUMNS = 6
