import {readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {makeDirectory} from 'clinvk-kit/files/replace-file'
import type {TurnOptions} from 'clinvk-kit/turn/request'

/** A whole prompt and its options. */
export interface UnansweredPrompt {
  readonly prompt: string
  readonly options: TurnOptions
}

/** The first prompts of sessions that the agent may not have recorded, one file a session, for their owner only. */
export class UnansweredPrompts {
  constructor(readonly directory: string) {}

  keep(id: string, prompt: UnansweredPrompt): void {
    makeDirectory(this.directory)
    writeFileSync(this.#path(id), JSON.stringify(prompt), {mode: 0o600})
  }

  /** Undefined where none is kept, or clinvk was killed while it was written. */
  read(id: string): UnansweredPrompt | undefined {
    try {
      const {options, prompt} = JSON.parse(readFileSync(this.#path(id), 'utf8')) as UnansweredPrompt
      return typeof prompt === 'string' && typeof options === 'object' ? {options, prompt} : undefined
    } catch {
      return undefined
    }
  }

  remove(id: string): void {
    rmSync(this.#path(id), {force: true})
  }

  #path(id: string): string {
    return join(this.directory, `${id}.json`)
  }
}
