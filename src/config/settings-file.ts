import type {Config} from '@oclif/core'
import {currentDirectory} from 'clinvk-kit/current-directory'
import {installedIn, type Installed} from 'clinvk-kit/settings/installed'
import {findSettings, userFile} from 'clinvk-kit/settings/load'
import {failureOf} from 'clinvk-kit/settings/problem'
import {readSettingsFile} from 'clinvk-kit/settings/read-file'
import {resolveSettings, type Found, type Resolved} from 'clinvk-kit/settings/resolve'
import {schemaFor} from 'clinvk-kit/settings/schema'
import {readYaml} from 'clinvk-kit/settings/yaml-file'

/** The user's settings file, and what else decides beside it: what the commands of `config` work on. */
export class SettingsFile {
  readonly path: string
  readonly installed: Installed
  readonly schema: ReturnType<typeof schemaFor>
  readonly #file: string | undefined

  /** `file` is the value of `--config`. */
  constructor(config: Config, file: string | undefined) {
    this.#file = file
    this.path = userFile({cwd: currentDirectory(), env: process.env, file}).path
    this.installed = installedIn(config)
    this.schema = schemaFor(this.installed.backends)
  }

  /** What stands in it; undefined when it is not there. */
  read(): Promise<string | undefined> {
    return readSettingsFile(this.path)
  }

  /** What stands in it, to be changed: nothing where there is no file. Throws a Failure when it is no YAML. */
  async readToChange(): Promise<string> {
    const text = (await this.read()) ?? ''
    const {problem} = readYaml(text, this.path, 'user')
    if (problem) throw failureOf([{...problem, hints: ['Repair it: clinvk config edit']}])
    return text
  }

  /** The settings in force, right or wrong. */
  async resolve(): Promise<Resolved & {found: Found}> {
    const cwd = currentDirectory()
    const place = {cwd, env: process.env, file: this.#file, project: cwd, installed: this.installed}
    const found = await findSettings(place, false)
    return {...resolveSettings(found), found}
  }
}
