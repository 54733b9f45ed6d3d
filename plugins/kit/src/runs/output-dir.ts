import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {Failure, reasonOf} from '../errors/failure.js'
import {makeDirectory} from '../files/replace-file.js'
import {reportJson, type RunReport, taskJson, type TaskResult} from './result.js'

/**
 * Writes the results of a run into a directory, which it makes: `001_review.json` as each task ends, `summary.json` at the
 * end. What cannot be written becomes a notice. Throws a Failure when the directory cannot be used.
 */
export function resultFiles(directory: string, notice: (message: string) => void) {
  makeResultDirectory(directory)
  const write = (name: string, content: object) => {
    const path = join(directory, name)
    try {
      writeFileSync(path, `${JSON.stringify(content, undefined, 2)}\n`, {mode: 0o600})
    } catch (error) {
      files.isIncomplete = true
      notice(`${path} cannot be written: ${reasonOf(error)}`)
    }
  }
  const files = {
    isIncomplete: false,
    task(done: TaskResult) {
      const {id, label, meta, name, number, request, tags} = done.task
      const {model, prompt, workdir} = request
      const task = {prompt, id, name, backend: done.backend, model, workdir, tags, meta}
      const plain = label.replaceAll(/[^A-Za-z0-9_-]+/g, '_').replace(/^_+|_+$/g, '')
      const file = `${String(number).padStart(3, '0')}_${plain.slice(0, 64) || 'task'}.json`
      write(file, {task, result: taskJson(done)})
    },
    summary: (report: RunReport) => write('summary.json', reportJson(report)),
  }
  return files
}

/** Throws a Failure where that is not possible. */
export function makeResultDirectory(directory: string): void {
  try {
    makeDirectory(directory)
  } catch (error) {
    throw new Failure('usage', `The results cannot be written to ${directory}: ${reasonOf(error)}`)
  }
}
