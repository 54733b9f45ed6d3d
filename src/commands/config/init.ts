import {Command} from '@oclif/core'
import {commentedFile} from 'clinvk-kit/settings/commented-file'
import {writeSettingsFile} from 'clinvk-kit/settings/write-file'
import {configFlag} from '../../config/flags.js'
import {SettingsFile} from '../../config/settings-file.js'

export default class ConfigInit extends Command {
  static override summary = 'Write a settings file in which everything is explained and nothing is set.'
  static override description = 'A file that is there already stays as it is.'
  static override examples = [
    '<%= config.bin %> config init',
    '<%= config.bin %> config init --config team.yaml',
  ]
  static override flags = {...configFlag}

  async run(): Promise<void> {
    const {flags} = await this.parse(ConfigInit)
    const file = new SettingsFile(this.config, flags.config)
    await writeSettingsFile(file.path, commentedFile(file.schema), {isNew: true})
    process.stdout.write(`Wrote ${file.path}\n`)
  }
}
