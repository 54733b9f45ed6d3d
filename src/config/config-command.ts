import {basename} from 'node:path'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {unknownBackend} from 'clinvk-kit/backends/discover'
import {Failure} from 'clinvk-kit/errors/failure'
import {oneLine} from 'clinvk-kit/format/text'
import {failureOf, nearKey, problemText, type Problem} from 'clinvk-kit/settings/check'
import {PROJECT_FILE, readSettingsFile, userFile, writeSettingsFile} from 'clinvk-kit/settings/files'
import {findSettings, installedIn, type Installed} from 'clinvk-kit/settings/load'
import {
  checkFile,
  notInstalled,
  resolveSettings,
  type Found,
  type Resolved,
} from 'clinvk-kit/settings/resolve'
import {schemaFor, settingsSchema} from 'clinvk-kit/settings/schema'
import {keysOf, schemaAt, settingOf, type Setting} from 'clinvk-kit/settings/setting'
import type {Settings} from 'clinvk-kit/settings/settings'
import {readYaml} from 'clinvk-kit/settings/yaml-file'
import {refusedModes} from 'clinvk-kit/turn/refuse'
import {Printer} from '../output/printer.js'

export const configFlag = Flags.string({
  description: 'Use this settings file instead of ~/.clinvk/config.yaml.',
  helpValue: 'FILE',
})

export const keyArg = Args.string({
  description: 'A setting, such as session.auto_resume.',
  ignoreStdin: true,
  required: true,
})

/** The parts of a key such as `session.auto_resume`. The name of a model may have dots: `prices.gpt-5.5.input`. */
export function pathOf(key: string): string[] {
  const [section = '', ...rest] = key.split('.')
  const last = rest.at(-1) ?? ''
  if (section !== 'prices' || rest.length < 2) return [section, ...rest]
  const hasRate = keysOf(schemaAt([section, ''], settingsSchema)!).includes(last)
  return [section, ...(hasRate ? [rest.slice(0, -1).join('.'), last] : [rest.join('.')])]
}

/** What all commands of `config` share; `file` is the value of `--config`. */
export abstract class ConfigCommand extends ClinvkCommand {
  protected installed!: Installed
  protected schema!: ReturnType<typeof schemaFor>

  override async init(): Promise<void> {
    await super.init()
    this.installed = await installedIn(this.config)
    this.schema = schemaFor(this.installed.backends)
  }

  /** Of the user's settings file, which may not exist. */
  protected filePath(file: string | undefined): string {
    return userFile({cwd: this.io.cwd, env: this.io.env, file}).path
  }

  /** Changes the text of the settings file, empty when it does not exist, unless `change` returns undefined. */
  protected async change(
    file: string | undefined,
    change: (text: string) => string | undefined,
  ): Promise<{path: string; isChanged: boolean}> {
    const path = this.filePath(file)
    const text = readSettingsFile(path) ?? ''
    const {problem} = readYaml(text, path, 'user')
    if (problem) throw failureOf([problem])
    const changed = change(text)
    if (changed !== undefined) await writeSettingsFile(path, changed)
    return {path, isChanged: changed !== undefined}
  }

  protected resolve(file: string | undefined): Resolved & {found: Found} {
    const {cwd, env} = this.io
    const found = findSettings({cwd, env, file, project: cwd, installed: this.installed}, false)
    const resolved = resolveSettings(found)
    const warnings = [...resolved.warnings, ...this.#refusals(resolved.settings)]
    return {...resolved, found, warnings}
  }

  /** Settings that are valid, and with which prompts are refused. */
  #refusals(settings: Settings): string[] {
    const {backends} = this.installed
    const {default_backend: name} = settings
    const unknown = backends.has(name) ? [] : [`default_backend: ${unknownBackend(name, backends).message}`]
    return [...unknown, ...refusedModes(settings, backends)].map((line) => oneLine(line))
  }

  /** The setting or section of a key such as `session.auto_resume`. Throws a Failure of kind `usage`. */
  protected setting(key: string): Setting {
    const path = pathOf(key)
    const found = path.includes('') ? undefined : schemaAt(path, this.schema)
    if (found) return settingOf(found, path)
    const near = nearKey(path, this.schema)
    throw new Failure('usage', `Unknown setting "${key}".`, [
      ...(near === undefined ? [] : [`Did you mean: ${near}`]),
      `Sections: ${keysOf(this.schema).join(', ')}. All settings: clinvk config show`,
    ])
  }

  /** Checks one file by itself; one named `.clinvk.yaml` as a project's. Throws a Failure when it does not exist. */
  protected checkFile(path: string): Pick<Resolved, 'problems' | 'warnings'> {
    const kind = basename(path) === PROJECT_FILE ? 'project' : 'user'
    const text = readSettingsFile(path, kind)
    if (text === undefined) throw new Failure('config', `${path} does not exist.`)
    const {entries, problems, warnings} = checkFile({file: path, text}, kind, this.schema)
    const all = [...warnings, ...notInstalled(entries, this.installed)].map((line) => oneLine(line))
    return {problems, warnings: all}
  }

  protected printProblems(problems: readonly Problem[], warnings: readonly string[] = []): void {
    const printer = new Printer(this.io)
    for (const problem of problems)
      printer.error({kind: 'config', message: problemText(problem), hints: problem.hints})
    for (const warning of warnings) printer.note(warning)
  }
}
