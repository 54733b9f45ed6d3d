import type {BackendEvent} from 'clinvk-contract'

/**
 * The text of a turn, given out once. Claude tells each block twice: in pieces
 * while it comes, then whole; and when a stream breaks it asks again without
 * streaming, so that the whole block may begin with pieces already shown. The
 * texts of several blocks and messages are parted by an empty line.
 */
export class Answer {
  #shown = false
  /** What was shown of the block that is coming in. */
  #block = ''

  nextBlock(): void {
    this.#block = ''
  }

  /** A piece of the block that is coming in. */
  piece(text: string): BackendEvent[] {
    if (text === '') return []
    const gap = this.#block === '' && this.#shown ? '\n\n' : ''
    this.#block += text
    this.#shown = true
    return [{type: 'text', text: gap + text}]
  }

  /** The block as a whole: what was not shown in pieces is given out now. */
  block(text: string): BackendEvent[] {
    if (!text.startsWith(this.#block)) this.#block = ''
    const rest = this.piece(text.slice(this.#block.length))
    this.#block = ''
    return rest
  }

  /** The answer of the turn, for a claude that said nothing before its result. */
  whole(text: string): BackendEvent[] {
    return this.#shown ? [] : this.piece(text)
  }
}
