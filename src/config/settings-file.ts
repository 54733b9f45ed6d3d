import {basename} from 'node:path'
import type {Config} from '@oclif/core'
import {Failure} from 'clinvk-kit/errors/failure'
import {oneLine} from 'clinvk-kit/format/text'
import type {IO} from 'clinvk-kit/io'
import {nearKey} from 'clinvk-kit/settings/check'
import {PROJECT_FILE, readSettingsFile, userFile} from 'clinvk-kit/settings/files'
import {installedIn, notInstalled, type Installed} from 'clinvk-kit/settings/installed'
import {findSettings} from 'clinvk-kit/settings/load'
import {failureOf, type Problem} from 'clinvk-kit/settings/problem'
import {checkFile, resolveSettings, type Found, type Resolved} from 'clinvk-kit/settings/resolve'
import {schemaFor} from 'clinvk-kit/settings/schema'
import {keysOf, settingAt, type Setting} from 'clinvk-kit/settings/setting'
import {readYaml} from 'clinvk-kit/settings/yaml-file'

/** The user's settings file, and what else is in force beside it. */
export class SettingsFile {
  readonly path: string
  readonly installed: Installed
  readonly schema: ReturnType<typeof schemaFor>
  readonly #place: {cwd: string; env: IO['env']; file: string | undefined}

  /** `file` is the value of `--config`. */
  constructor(config: Config, {cwd, env}: Pick<IO, 'cwd' | 'env'>, file: string | undefined) {
    this.#place = {cwd, env, file}
    this.path = userFile(this.#place).path
    this.installed = installedIn(config)
    this.schema = schemaFor(this.installed.backends)
  }

  /** Undefined when the file does not exist. */
  read(): Promise<string | undefined> {
    return readSettingsFile(this.path)
  }

  /** The text to be changed, empty when the file does not exist. Throws a Failure when it is not YAML. */
  async readToChange(): Promise<string> {
    const text = (await this.read()) ?? ''
    const {problem} = readYaml(text, this.path, 'user')
    if (problem) throw failureOf([{...problem, hints: ['Repair it: clinvk config edit']}])
    return text
  }

  /** The settings in force, with all problems. */
  async resolve(): Promise<Resolved & {found: Found}> {
    const place = {...this.#place, project: this.#place.cwd, installed: this.installed}
    const found = await findSettings(place, false)
    return {...resolveSettings(found), found}
  }

  /** The setting or section of a key such as `session.auto_resume`. Throws a Failure of kind `usage`. */
  setting(key: string): Setting {
    const path = key.split('.')
    const found = path.includes('') ? undefined : settingAt(path, this.schema)
    if (found) return found
    const near = nearKey(path, this.schema)
    throw new Failure('usage', `There is no setting ${key}.`, [
      ...(near === undefined ? [] : [`Did you mean: ${near}`]),
      `Sections: ${keysOf(this.schema).join(', ')}. All settings: clinvk config show`,
    ])
  }

  /** Checks one file by itself; one named `.clinvk.yaml` as a project's. Throws a Failure when it does not exist. */
  async validate(path = this.path): Promise<{problems: readonly Problem[]; warnings: readonly string[]}> {
    const text = await readSettingsFile(path)
    if (text === undefined) throw new Failure('config', `${path}: there is no such file.`)
    const kind = basename(path) === PROJECT_FILE ? 'project' : 'user'
    const {entries, problems, warnings} = checkFile({file: path, text}, kind, this.schema)
    const all = [...warnings, ...notInstalled(entries, this.installed)]
    return {problems, warnings: all.map((warning) => oneLine(warning))}
  }
}
