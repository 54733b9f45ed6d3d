import {Command, Flags} from '@oclif/core'
import {Failure} from 'clinvk-kit/failure'

export default class PluginsReset extends Command {
  static override summary = 'Remove all plugins of your own.'
  static override description =
    'Installed and linked ones, and everything that was kept for them. What came with clinvk stays. It asks first; it also works where the list of plugins is damaged.'

  static override examples = ['<%= config.bin %> plugins reset', '<%= config.bin %> plugins reset --yes']
  static override flags = {
    yes: Flags.boolean({char: 'y', description: 'Do not ask.'}),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(PluginsReset)
    const {resetPlugins, whatIsLost} = await import('../../plugins/reset.js')
    const {dataDir} = this.config
    const own = await whatIsLost(dataDir)
    const names = (own ?? []).map(({name}) => name)
    if (own?.length === 0 && !flags.json) {
      process.stdout.write('You have installed no plugins.\n')
      return
    }

    const what = own ? names.join(', ') : `all plugins in ${dataDir}`
    if (own?.length !== 0 && !flags.yes) {
      if (!process.stdin.isTTY)
        throw new Failure('usage', `This would remove ${what}.`, [
          'Without a terminal, say so: clinvk plugins reset --yes',
        ])
      const {askYes} = await import('../../output/ask-yes.js')
      if (!(await askYes(`This removes ${what}. Go on?`, process)))
        throw new Failure('cancelled', 'Nothing was changed.')
    }

    await resetPlugins(dataDir)
    process.stdout.write(
      flags.json ? `${JSON.stringify({removed: names}, undefined, 2)}\n` : `Removed ${what}.\n`,
    )
  }
}
