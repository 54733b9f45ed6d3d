import {Args, Command, Flags} from '@oclif/core'
import {exitCode} from 'clinvk-kit/outcome'
import {oneLine} from 'clinvk-kit/format/one-line'
import {quoteCommand} from 'clinvk-kit/format/quote-command'
import {ProcessIO} from 'clinvk-kit/io'
import {Printer} from '../../output/printer.js'
import type {Updated} from '../../plugins/update.js'

export default class PluginsUpdate extends Command {
  static override summary = 'Update plugins of your own.'
  static override description =
    'To the newest version of what was asked for when they were installed. You are asked again where the publisher or the origin of a plugin is another one than before. What came with clinvk is updated with it.'

  static override examples = [
    '<%= config.bin %> plugins update',
    '<%= config.bin %> plugins update clinvk-backend-x',
  ]
  static override strict = false
  static override usage = '<%= command.id %> [PLUGIN...] [-y] [--allow-scripts] [--json]'
  static override args = {
    plugin: Args.string({description: 'Only these. Default: all.', ignoreStdin: true}),
  }

  static override flags = {
    yes: Flags.boolean({char: 'y', description: 'Do not ask: I trust whoever publishes them.'}),
    'allow-scripts': Flags.boolean({
      description: 'Let them run their scripts while they are installed, also those that did not before.',
    }),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(PluginsUpdate)
    const words = argv as string[]
    const {ownPluginNamed} = await import('../../plugins/installed-named.js')
    const {ownPlugins} = await import('../../plugins/plugins-file.js')
    const {updatePlugin} = await import('../../plugins/update.js')
    const {workbench} = await import('../../plugins/workbench.js')
    const own = await ownPlugins(this.config.dataDir)
    const chosen = words.length === 0 ? own : words.map((word) => ownPluginNamed(word, own, this.config))
    if (chosen.length === 0 && !flags.json) {
      process.stdout.write('You have installed no plugins. What came with clinvk is updated with it.\n')
      return
    }

    const bench = await workbench(this.config)
    const command = ['clinvk plugins update', ...(words.length === 0 ? [] : [quoteCommand(words)])].join(' ')
    const asking = {yes: flags.yes, command, withScripts: flags['allow-scripts']}
    const results: Updated[] = []
    for (const plugin of new Set(chosen)) {
      const result = await updatePlugin(plugin, bench, asking)
      results.push(result)
      if (!flags.json && result.state !== 'failed') process.stdout.write(sentence(result))
      if (result.state === 'updated' && result.note !== undefined)
        process.stderr.write(`Note: ${oneLine(result.note)}\n`)
      if (result.state === 'failed') new Printer(new ProcessIO()).error(result.failure)
    }

    if (flags.json) process.stdout.write(`${JSON.stringify(jsonOf(results), undefined, 2)}\n`)
    const failed = results.find(({state}) => state === 'failed')
    if (failed?.state === 'failed') process.exitCode = exitCode(failed.failure.kind)
  }
}

function sentence(result: Exclude<Updated, {state: 'failed'}>): string {
  if (result.state === 'current') return `${result.name} ${result.version} ${result.why}.\n`
  return `Updated ${result.name} ${result.from === undefined ? '' : `${result.from} `}to ${result.to}.\n`
}

function jsonOf(results: readonly Updated[]): object {
  return {
    plugins: results.map((result) => {
      if (result.state !== 'failed') return result
      const {hints, kind, message} = result.failure
      return {name: result.name, state: 'failed', error: {kind, message, hints}}
    }),
  }
}
