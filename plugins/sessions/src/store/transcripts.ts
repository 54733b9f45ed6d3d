import {rmSync} from 'node:fs'
import {join} from 'node:path'

/**
 * What was said in the turns that clinvk ran, one file a session, for its owner only. A line is an object with `type` and
 * `time`: `turn` begins a turn (`turn`, its number, `prompt`, `backend`, `model`, `working_dir`), events of the agent
 * follow, `done` ends it.
 */
export class Transcripts {
  constructor(readonly directory: string) {}

  path(id: string): string {
    return join(this.directory, `${id}.jsonl`)
  }

  remove(id: string): void {
    rmSync(this.path(id), {force: true})
  }
}
