import {Args, Command} from '@oclif/core'
import {withoutKey} from 'clinvk-kit/settings/edit'
import {writeSettingsFile} from 'clinvk-kit/settings/write-file'
import {configFlag} from '../../config/flags.js'
import {settingNamed} from '../../config/setting-named.js'
import {SettingsFile} from '../../config/settings-file.js'

export default class ConfigUnset extends Command {
  static override summary = 'Take a setting, or a section, out of your file.'
  static override description = 'Also takes out keys that clinvk does not know. Comments above a key stay.'
  static override examples = [
    '<%= config.bin %> config unset session.auto_resume',
    '<%= config.bin %> config unset backends.codex',
  ]

  static override args = {
    key: Args.string({description: 'Such as session.auto_resume.', ignoreStdin: true, required: true}),
  }

  static completion = {args: {key: 'setting:any'}}

  static override flags = {...configFlag}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(ConfigUnset)
    const file = new SettingsFile(this.config, flags.config)
    const text = withoutKey(await file.readToChange(), args.key.split('.'))
    if (text === undefined) {
      // What is neither there nor known was meant to be something else.
      settingNamed(args.key, file.schema)
      process.stdout.write(`${args.key} is not set in ${file.path}\n`)
      return
    }

    await writeSettingsFile(file.path, text)
    process.stdout.write(`Took ${args.key} out of ${file.path}\n`)
  }
}
