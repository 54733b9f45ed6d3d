import {rm} from 'node:fs/promises'
import {resolve} from 'node:path'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {commands} from '@oclif/plugin-plugins'
import {ClinvkCommand} from 'clinvk-kit/command'
import {chooseOwn} from '../../plugins/plugin-info.js'
import {packageRoot} from '../../plugins/plugin-list.js'
import {changePlugins} from '../../plugins/staging.js'

/** Runs oclif's command of that name on a staging directory. */
export default class PluginsUninstall extends ClinvkCommand {
  static override aliases = ['plugins:remove', 'plugins:unlink']
  static override summary = 'Remove your plugins.'
  static override description =
    'A plugin that came with clinvk and was replaced is used again. The folder of a linked plugin stays.'
  static override examples = ['clinvk plugins uninstall clinvk-backend-x', 'clinvk plugins uninstall x']
  static override strict = false
  static override usage = '<%= command.id %> PLUGIN... [FLAGS]'
  static override args = {
    plugin: Args.string({
      description:
        'Package, its name without clinvk-backend-, one of its backends, or the folder of a linked one.',
      ignoreStdin: true,
      required: true,
    }),
  }
  static override flags = {json: Flags.boolean({description: 'Print JSON.'})}

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(PluginsUninstall)
    const {config, io} = this
    const chosen = await chooseOwn(argv as string[], config, io.env, (word) => resolve(io.cwd, word))
    const names = chosen.map(({name}) => name)
    await changePlugins(config.dataDir, io, async ({directory}) => {
      const staged = Object.create(config, {dataDir: {value: directory}}) as typeof config
      await new commands['plugins:uninstall'](names, staged).run()
      // npm does not remove what is damaged.
      for (const name of names) await rm(packageRoot(directory, name), {recursive: true, force: true})
    })
    if (flags.json) this.printJson({uninstalled: names})
    else
      for (const {name, type} of chosen)
        this.print(`${type === 'link' ? 'Unlinked' : 'Uninstalled'} ${name}.\n`)
  }
}
