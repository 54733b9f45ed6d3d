import {basename} from 'node:path'
import {Failure} from 'clinvk-kit/failure'
import {oneLine} from 'clinvk-kit/format/one-line'
import type {Problem} from 'clinvk-kit/settings/problem'
import {PROJECT_FILE} from 'clinvk-kit/settings/project-file'
import {readSettingsFile} from 'clinvk-kit/settings/read-file'
import {checkFile} from 'clinvk-kit/settings/resolve'
import {strangers} from 'clinvk-kit/settings/strangers'
import type {SettingsFile} from './settings-file.js'

/** What is wrong with settings, and what in them has no effect. */
export interface Findings {
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
}

/** Checks one file by itself; one that is called `.clinvk.yaml`, as a project's. Throws a Failure when it is not there. */
export async function validateFile(path: string, {installed, schema}: SettingsFile): Promise<Findings> {
  const text = await readSettingsFile(path)
  if (text === undefined) throw new Failure('config', `${path}: there is no such file.`)
  const kind = basename(path) === PROJECT_FILE ? 'project' : 'user'
  const {entries, problems, warnings} = checkFile({file: path, text}, kind, schema)
  const all = [...warnings, ...strangers(entries, installed)]
  return {problems, warnings: all.map((warning) => oneLine(warning))}
}
