import {isMap, isScalar, type Node} from 'yaml'

/**
 * Gives comments back to the keys that they stand above. The YAML library (2.9)
 * takes all comments after a comment at the end of a section for a part of that
 * section, and would indent those that begin where the next key begins.
 */
export function partComments(section: unknown, text: string): void {
  if (!isMap(section) || section.flow) return
  for (const [index, {value}] of section.items.entries()) {
    partComments(value, text)
    const next = section.items[index + 1]?.key as Node | undefined
    const block = next?.range && commentsAbove(text, next.range[0])
    if (!next || !block) continue
    const holder = lastWithComment(value)
    const astray = block.lines.filter(isWritten).length - linesOf(next.commentBefore).filter(isWritten).length
    if (!holder || astray <= 0) continue
    holder.comment = withoutLast(linesOf(holder.comment), astray)
    next.commentBefore = block.lines.join('\n')
    next.spaceBefore = block.isApart
  }
}

/** The comments straight above a key that begin where the key begins, or further left. */
function commentsAbove(text: string, offset: number): {lines: string[]; isApart: boolean} {
  const lines = text.slice(0, offset).split('\n')
  const column = lines.pop()!.length
  let first = lines.length
  for (let index = lines.length - 1; index >= 0; index--) {
    const [, indent, mark] = /^([ \t]*)(#?)/.exec(lines[index]!)!
    if (mark === '#' && indent!.length <= column) first = index
    else if (lines[index]!.trim() !== '') break
  }

  return {
    lines: lines.slice(first).map((line) => line.trim().slice(1)),
    isApart: first > 0 && lines[first - 1]!.trim() === '',
  }
}

function lastWithComment(value: unknown): Node | undefined {
  if (!isMap(value) && !isScalar(value)) return undefined
  if (value.comment) return value
  return isMap(value) ? lastWithComment(value.items.at(-1)?.value) : undefined
}

function withoutLast(lines: readonly string[], count: number): string | null {
  let end = lines.length
  for (let left = count; left > 0 && end > 0; end--) if (isWritten(lines[end - 1]!)) left--
  return lines.slice(0, end).join('\n').trimEnd() || null
}

function linesOf(comment: string | null | undefined): string[] {
  return comment ? comment.split('\n') : []
}

function isWritten(line: string): boolean {
  return line.trim() !== ''
}
