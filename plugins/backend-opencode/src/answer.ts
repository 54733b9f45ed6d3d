import type {BackendEvent} from 'clinvk-contract'

/** The text of a turn, in parts that grow. Two parts are set apart by an empty line. */
export class Answer {
  readonly #parts = new Map<string, {text: string; isVoid: boolean}>()

  /** The answer without what was begun and broken off; undefined when that is what was told. */
  get corrected(): string | undefined {
    const parts = [...this.#parts.values()]
    if (!parts.some(({isVoid}) => isVoid)) return undefined
    return parts.flatMap(({isVoid, text}) => (isVoid ? [] : [text])).join('\n\n')
  }

  piece(id: string, piece: string): BackendEvent[] {
    if (piece === '') return []
    const part = this.#parts.get(id)
    const isFurther = !part && this.#parts.size > 0
    this.#parts.set(id, {text: (part?.text ?? '') + piece, isVoid: false})
    return [{type: 'text', text: isFurther ? `\n\n${piece}` : piece}]
  }

  /** The whole part; what has not been told of it is now. At its end opencode trims it. */
  whole(id: string, text: string): BackendEvent[] {
    const told = this.#parts.get(id)?.text ?? ''
    return text.startsWith(told) ? this.piece(id, text.slice(told.length)) : []
  }

  /** The model is asked again: what it has begun is not a part of the answer. */
  breakOff(isFinished: (id: string) => boolean): void {
    for (const [id, part] of this.#parts) if (!isFinished(id)) part.isVoid = true
  }
}
