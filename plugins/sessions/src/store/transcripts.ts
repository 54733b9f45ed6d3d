import {appendFileSync, rmSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {makeDirectory} from 'clinvk-kit/files/replace-file'

/**
 * What was said in the turns that clinvk ran, one file a session, for its owner only. A line is an object with `type` and
 * `time`: `turn` begins a turn (`turn`, its number, `prompt`, `backend`, `model`, `working_dir`), events of the agent
 * follow, `done` ends it.
 */
export class Transcripts {
  readonly #directory: string
  readonly #pending: string

  constructor(home: string) {
    this.#directory = join(home, 'transcripts')
    this.#pending = join(home, 'history/pending')
  }

  path(id: string): string {
    return join(this.#directory, `${id}.jsonl`)
  }

  remove(id: string): void {
    rmSync(this.path(id), {force: true})
  }

  /** Marks a session for the search index: it has a new turn, or another name. If that cannot be written, `history sync` finds it later. */
  hasChanged(id: string): void {
    try {
      makeDirectory(dirname(this.#pending))
      appendFileSync(this.#pending, `${id}\n`, {mode: 0o600})
    } catch {
      // The notice about the transcript has said it.
    }
  }
}
