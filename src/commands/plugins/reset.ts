import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {Failure} from 'clinvk-kit/errors/failure'
import {confirmed} from 'clinvk-kit/format/ask-yes'
import {reinstallPlugins} from '../../plugins/install.js'
import {pluginContext} from '../../plugins/plugin-context.js'
import {ownPlugins, readPluginList} from '../../plugins/plugin-list.js'
import {changePlugins} from '../../plugins/staging.js'

export default class PluginsReset extends ClinvkCommand {
  static override summary = 'Remove all your plugins.'
  static override description =
    'Removes what you have installed, and unlinks what you have linked. Plugins that came with clinvk stay. Asks first. Works even if the list of plugins is damaged.'
  static override examples = [
    'clinvk plugins reset',
    'clinvk plugins reset --yes',
    {
      description: 'Install the same plugins again, from scratch',
      command: 'clinvk plugins reset --reinstall',
    },
  ]
  static override flags = {
    yes: Flags.boolean({char: 'y', description: 'Do not ask.'}),
    reinstall: Flags.boolean({description: 'Install or link them all again.'}),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(PluginsReset)
    const {reinstall, yes} = flags
    const {dataDir} = this.config
    const {issue, plugins = []} = readPluginList(dataDir) ?? {}
    if (reinstall) ownPlugins(dataDir)
    if (plugins.length === 0 && issue === undefined && !flags.json)
      return this.print('You have installed no plugins.\n')
    const names = plugins.map(({name}) => name)
    const what = issue === undefined ? names.join(', ') : `all plugins in ${dataDir}`
    const isAsked = what !== '' && !yes && !reinstall
    if (isAsked && !(await confirmed('remove', what, 'clinvk plugins reset', this.io)))
      throw new Failure('cancelled', 'Nothing was changed.')
    if (reinstall) {
      const consent = {yes, allowScripts: false, command: 'clinvk plugins reset --reinstall'}
      await reinstallPlugins(plugins, await pluginContext(this.config, this.io, consent))
    } else await changePlugins(dataDir, this.io, () => Promise.resolve(), {fresh: true})
    if (flags.json) this.printJson({[reinstall ? 'reinstalled' : 'removed']: names})
    else this.print(`${reinstall ? 'Installed again:' : 'Removed'} ${what}.\n`)
  }
}
