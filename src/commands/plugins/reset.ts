import {Flags} from '@oclif/core'
import {ClinvkCommand} from 'clinvk-kit/command'
import {Failure, isFailure} from 'clinvk-kit/errors/failure'

export default class PluginsReset extends ClinvkCommand {
  static override summary = 'Remove all your plugins.'
  static override description =
    'Removes what you have installed, and unlinks what you have linked. Plugins that came with clinvk stay. Asks first. Works even if the list of plugins is damaged.'

  static override examples = [
    '<%= config.bin %> plugins reset',
    '<%= config.bin %> plugins reset --yes',
    {
      description: 'Install the same plugins again, from scratch',
      command: '<%= config.bin %> plugins reset --reinstall',
    },
  ]

  static override flags = {
    yes: Flags.boolean({char: 'y', description: 'Do not ask.'}),
    reinstall: Flags.boolean({description: 'Install or link them all again.'}),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(PluginsReset)
    const {dataDir} = this.config
    const {ownPlugins} = await import('../../plugins/plugin-list.js')
    const own = await ownPlugins(dataDir).catch((error: unknown) => {
      if (isFailure(error) && !flags.reinstall) return undefined
      throw error
    })
    if (own?.length === 0 && !flags.json) {
      this.print('You have installed no plugins.\n')
      return
    }

    const names = (own ?? []).map(({name}) => name)
    const what = own ? names.join(', ') : `all plugins in ${dataDir}`
    if (own?.length !== 0 && !flags.yes && !flags.reinstall) await this.#confirm(what)
    const {reinstallPlugins, removePlugins} = await import('../../plugins/reset.js')
    if (flags.reinstall) {
      const {pluginContext} = await import('../../plugins/plugin-context.js')
      const command = 'clinvk plugins reset --reinstall'
      const consent = {yes: flags.yes, allowScripts: false, command}
      await reinstallPlugins(own ?? [], await pluginContext(this.config, this.io, consent))
    } else await removePlugins(dataDir)
    if (flags.json) this.printJson({[flags.reinstall ? 'reinstalled' : 'removed']: names})
    else this.print(`${flags.reinstall ? 'Installed again:' : 'Removed'} ${what}.\n`)
  }

  async #confirm(what: string): Promise<void> {
    if (!this.io.stdin.isTTY)
      throw new Failure('usage', `This would remove ${what}.`, [
        'Without a terminal, confirm it: clinvk plugins reset --yes',
      ])
    const {askYes} = await import('../../output/ask-yes.js')
    if (!(await askYes(`This removes ${what}. Continue?`, this.io)))
      throw new Failure('cancelled', 'Nothing was changed.')
  }
}
