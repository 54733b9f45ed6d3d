import {readFileSync} from 'node:fs'

/** What a page shows as code, in its order. */
export interface Block {
  /** The heading that it stands under. */
  readonly step: string
  readonly line: number
  readonly language: string
  /** What stands behind the language: the name of a file that this is the content of. */
  readonly file?: string
  readonly text: string
}

/** The fenced blocks of a page of Markdown. */
export function pageBlocks(path: string): Block[] {
  const page = readFileSync(path, 'utf8')
  const found = page.matchAll(/^## ([^\n]+)$|^```(\w+)(?: (\S+))?\n(.*?)^```$/gms)
  const blocks: Block[] = []
  let step = ''
  for (const {1: heading, 2: language, 3: file, 4: text, index} of found) {
    if (heading !== undefined) step = heading
    else
      blocks.push({
        step,
        line: page.slice(0, index).split('\n').length,
        language: language!,
        text: text!,
        ...(file === undefined ? {} : {file}),
      })
  }

  return blocks
}
