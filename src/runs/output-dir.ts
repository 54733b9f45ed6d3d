import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'
import {taskJson, type TaskResult} from './result.js'

/** The directory that takes the results of a run: `001_review.json` as each task ends, and `summary.json` at the end. */
export class OutputDirectory {
  /** Something could not be written; the user has been told. */
  isIncomplete = false
  readonly #path: string
  readonly #notice: (message: string) => void

  /** Makes the directory. Throws a Failure when it cannot be used. */
  constructor(path: string, notice: (message: string) => void) {
    this.#path = path
    this.#notice = notice
    try {
      mkdirSync(path, {recursive: true, mode: 0o700})
    } catch (error) {
      throw new Failure('usage', `The results cannot be written to ${path}: ${messageOf(error)}`)
    }
  }

  task(done: TaskResult): void {
    const {id, label, meta, name, number, request, tags} = done.task
    const {model, prompt, workdir} = request
    const task = {prompt, id, name, backend: done.backend, model, workdir, tags, meta}
    this.#write(`${String(number).padStart(3, '0')}_${fileName(label)}.json`, {task, result: taskJson(done)})
  }

  summary(report: object): void {
    this.#write('summary.json', report)
  }

  #write(name: string, content: object): void {
    const path = join(this.#path, name)
    try {
      writeFileSync(path, `${JSON.stringify(content, undefined, 2)}\n`, {mode: 0o600})
    } catch (error) {
      this.isIncomplete = true
      this.#notice(`${path} cannot be written: ${messageOf(error)}`)
    }
  }
}

function fileName(label: string): string {
  const plain = label.replaceAll(/[^A-Za-z0-9_-]+/g, '_').replace(/^_+|_+$/g, '')
  return plain.slice(0, MAX_NAME_LENGTH) || 'task'
}

const MAX_NAME_LENGTH = 64
