import type {BackendEvent} from 'clinvk-contract'

/** The text of a turn. What is said before and after a tool is parted by an empty line. */
export class Answer {
  #text = ''
  #isNewBlock = false

  get text(): string {
    return this.#text
  }

  nextBlock(): void {
    this.#isNewBlock = true
  }

  piece(piece: string): BackendEvent[] {
    if (piece === '') return []
    const text = this.#isNewBlock && this.#text !== '' ? `\n\n${piece}` : piece
    this.#isNewBlock = false
    this.#text += text
    return [{type: 'text', text}]
  }
}
