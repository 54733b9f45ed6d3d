import {appendFileSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {makeDirectory} from 'clinvk-kit/files/replace-file'
import type {TurnOptions} from 'clinvk-kit/turn/request'

/** A whole prompt and its options. */
export interface UnansweredPrompt {
  readonly prompt: string
  readonly options: TurnOptions
}

/**
 * What was said in the turns that clinvk ran, one file a session, for its owner only. A line is an object with `type` and
 * `time`: `turn` begins a turn (`turn`, its number, `prompt`, `backend`, `model`, `working_dir`), events of the agent
 * follow, `done` ends it. Besides, the first prompts of sessions that the agent may not have recorded.
 */
export class Transcripts {
  constructor(readonly home: string) {}

  path(id: string): string {
    return join(this.home, 'transcripts', `${id}.jsonl`)
  }

  /** Deletes all of a session. */
  remove(id: string): void {
    rmSync(this.path(id), {force: true})
    this.removePrompt(id)
  }

  /** Marks a session for the search index: it has a new turn, or another name. If that cannot be written, `history sync` finds it later. */
  hasChanged(id: string): void {
    try {
      const pending = join(this.home, 'history/pending')
      makeDirectory(dirname(pending))
      appendFileSync(pending, `${id}\n`, {mode: 0o600})
    } catch {
      // The notice about the transcript has said it.
    }
  }

  keepPrompt(id: string, prompt: UnansweredPrompt): void {
    const path = this.#promptPath(id)
    makeDirectory(dirname(path))
    writeFileSync(path, JSON.stringify(prompt), {mode: 0o600})
  }

  /** Undefined where none is kept, or clinvk was killed while it was written. */
  readPrompt(id: string): UnansweredPrompt | undefined {
    try {
      const {options, prompt} = JSON.parse(readFileSync(this.#promptPath(id), 'utf8')) as UnansweredPrompt
      return typeof prompt === 'string' && typeof options === 'object' ? {options, prompt} : undefined
    } catch {
      return undefined
    }
  }

  removePrompt(id: string): void {
    rmSync(this.#promptPath(id), {force: true})
  }

  #promptPath(id: string): string {
    return join(this.home, 'prompts', `${id}.json`)
  }
}
