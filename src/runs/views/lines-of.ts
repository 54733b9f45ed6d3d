/** Cuts a text that comes in pieces into lines and puts the same words before each. */
export class LinesOf {
  readonly #before: string
  #open = ''

  constructor(before: string) {
    this.#before = before
  }

  /** The lines that this piece completes, or ''. */
  take(text: string): string {
    const end = text.lastIndexOf('\n')
    if (end === -1) {
      this.#open += text
      return ''
    }

    const whole = this.#open + text.slice(0, end)
    this.#open = text.slice(end + 1)
    return this.#lines(whole)
  }

  /** The last line, which nothing has ended, or ''. */
  rest(): string {
    const text = this.#open
    this.#open = ''
    return text === '' ? '' : this.#lines(text)
  }

  #lines(text: string): string {
    return text
      .split('\n')
      .map((line) => `${this.#before}${line}\n`)
      .join('')
  }
}
