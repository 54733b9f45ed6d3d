import type {BackendEvent, Usage} from 'clinvk-contract'

/** What the events of a turn told, as far as its result needs it. */
export class Seen {
  backendSessionId?: string
  model?: string
  usage?: Usage
  readonly #texts: string[] = []
  readonly #keepTexts: boolean

  /** Without `keepTexts` the content stays empty, and a long answer takes no memory. */
  constructor(keepTexts: boolean) {
    this.#keepTexts = keepTexts
  }

  take(event: BackendEvent): void {
    if (event.type === 'text' && this.#keepTexts) this.#texts.push(event.text)
    else if (event.type === 'usage') this.usage = event.usage
    else if (event.type === 'session') {
      this.backendSessionId = event.backend_session_id
      if (event.model !== undefined) this.model = event.model
    }
  }

  get content(): string {
    return this.#texts.join('')
  }
}
