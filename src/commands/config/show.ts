import * as Flags from '@oclif/core/flags'
import {keysOf} from 'clinvk-kit/settings/setting'
import {ConfigCommand, configFlag} from '../../config/config-command.js'
import {entriesJson, problemJson, settingsYaml} from '../../config/format.js'

export default class ConfigShow extends ConfigCommand {
  static override hiddenAliases = ['config:list']
  static override summary = 'Show the settings in force, and where each comes from.'
  static override description =
    'Precedence: flags, environment variables, the project file (.clinvk.yaml), your settings file, defaults.'
  static override examples = [
    'clinvk config show',
    'clinvk config show --json | jq -r \'.settings["session.auto_resume"].source\'',
  ]
  static override flags = {config: configFlag, json: Flags.boolean({description: 'Print JSON.'})}

  async run(): Promise<void> {
    const {flags} = await this.parse(ConfigShow)
    const file = this.filePath(flags.config)
    const {entries, found, problems, warnings} = this.resolve(flags.config)
    this.printProblems(problems, warnings)
    const backends = [...this.installed.backends.keys()].sort()
    if (flags.json) {
      this.printJson({
        file,
        file_exists: found.user !== undefined,
        project_file: found.project?.file ?? null,
        backends,
        settings: entriesJson(entries.values()),
        problems: problems.map((problem) => problemJson(problem)),
        warnings,
      })
      return
    }
    this.print(`# user file: ${file}${found.user ? '' : ' (does not exist)'}\n`)
    if (found.project) this.print(`# project file: ${found.project.file}\n`)
    this.print(`# installed backends: ${backends.join(', ')}\n\n`)
    this.print(settingsYaml(entries.values(), keysOf(this.schema), NOTES))
  }
}

/** Sections that clinvk itself does not use. */
const NOTES = {server: 'for the server plugin', plugins: 'for plugins, by their names'}
