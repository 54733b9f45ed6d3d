import {Command, Flags} from '@oclif/core'
import {currentDirectory} from 'clinvk-kit/current-directory'
import {findProjectFile} from 'clinvk-kit/settings/project-file'
import {configFlag} from '../../config/flags.js'
import {SettingsFile} from '../../config/settings-file.js'

export default class ConfigPath extends Command {
  static override summary = 'Print where your settings file is, or would be.'
  static override examples = [
    '<%= config.bin %> config path',
    'cp "$(<%= config.bin %> config path)" backup.yaml',
  ]

  static override flags = {
    ...configFlag,
    json: Flags.boolean({description: "Print JSON: the project's file, too."}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(ConfigPath)
    const file = new SettingsFile(this.config, flags.config)
    if (!flags.json) {
      process.stdout.write(`${file.path}\n`)
      return
    }

    const json = {
      file: file.path,
      file_exists: (await file.read()) !== undefined,
      project_file: findProjectFile(currentDirectory()) ?? null,
    }
    process.stdout.write(`${JSON.stringify(json, undefined, 2)}\n`)
  }
}
