import {withoutKey} from 'clinvk-kit/settings/edit'
import {ConfigCommand, configFlag, keyArg, pathOf} from '../../config/config-command.js'

export default class ConfigUnset extends ConfigCommand {
  static override summary = 'Remove a setting, or a section, from your settings file.'
  static override description = 'Also removes keys that clinvk does not know. Comments above a key stay.'
  static override examples = ['clinvk config unset session.auto_resume', 'clinvk config unset backends.codex']
  static override args = {key: keyArg}
  static completion = {args: {key: 'setting:any'}}
  static override flags = {config: configFlag}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(ConfigUnset)
    const {isChanged, path} = await this.change(flags.config, (text) => withoutKey(text, pathOf(args.key)))
    // A key that is neither set nor known is a typo.
    if (!isChanged) this.setting(args.key)
    this.print(isChanged ? `Removed ${args.key} from ${path}\n` : `${args.key} is not set in ${path}\n`)
  }
}
