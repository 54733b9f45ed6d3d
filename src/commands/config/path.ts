import * as Flags from '@oclif/core/flags'
import {findProjectFile, readSettingsFile} from 'clinvk-kit/settings/files'
import {ConfigCommand, configFlag} from '../../config/config-command.js'

export default class ConfigPath extends ConfigCommand {
  static override summary = 'Print the path of your settings file, whether or not it exists.'
  static override examples = ['clinvk config path', 'cp "$(clinvk config path)" backup.yaml']
  static override flags = {
    config: configFlag,
    json: Flags.boolean({description: "Print JSON, with the path of the project's file."}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(ConfigPath)
    const file = this.filePath(flags.config)
    if (!flags.json) this.print(`${file}\n`)
    else
      this.printJson({
        file,
        file_exists: readSettingsFile(file) !== undefined,
        project_file: findProjectFile(this.io.cwd) ?? null,
      })
  }
}
