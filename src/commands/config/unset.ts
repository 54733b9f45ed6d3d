import {withoutKey} from 'clinvk-kit/settings/edit'
import {writeSettingsFile} from 'clinvk-kit/settings/files'
import {ConfigCommand, configFlag, keyArg} from '../../config/config-command.js'

export default class ConfigUnset extends ConfigCommand {
  static override summary = 'Remove a setting, or a section, from your settings file.'
  static override description = 'Also removes keys that clinvk does not know. Comments above a key stay.'
  static override examples = [
    '<%= config.bin %> config unset session.auto_resume',
    '<%= config.bin %> config unset backends.codex',
  ]

  static override args = {key: keyArg}
  static completion = {args: {key: 'setting:any'}}
  static override flags = {config: configFlag}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(ConfigUnset)
    const file = this.settingsFile(flags)
    const text = withoutKey(await file.readToChange(), args.key.split('.'))
    if (text === undefined) {
      // A key that is neither set nor known is a typo.
      file.setting(args.key)
      this.print(`${args.key} is not set in ${file.path}\n`)
      return
    }

    await writeSettingsFile(file.path, text)
    this.print(`Removed ${args.key} from ${file.path}\n`)
  }
}
