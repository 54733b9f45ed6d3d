import {writeSettingsFile} from 'clinvk-kit/settings/files'
import {commentedFile} from 'clinvk-kit/settings/reference'
import {ConfigCommand, configFlag} from '../../config/config-command.js'

export default class ConfigInit extends ConfigCommand {
  static override summary = 'Create a settings file that explains every setting and sets none.'
  static override description = 'An existing file is not changed.'
  static override examples = ['clinvk config init', 'clinvk config init --config team.yaml']
  static override flags = {config: configFlag}

  async run(): Promise<void> {
    const {flags} = await this.parse(ConfigInit)
    const path = this.filePath(flags.config)
    await writeSettingsFile(path, commentedFile(this.schema), {isNew: true})
    this.print(`Wrote ${path}\n`)
  }
}
