import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {exitCode} from 'clinvk-kit/errors/failure'
import {oneLine, quoteCommand} from 'clinvk-kit/format/text'
import {Printer} from '../../output/printer.js'
import {pluginContext} from '../../plugins/plugin-context.js'
import {chooseOwn} from '../../plugins/plugin-info.js'
import {type Updated, updatePlugin} from '../../plugins/update.js'

export default class PluginsUpdate extends ClinvkCommand {
  static override summary = 'Update your plugins.'
  static override description =
    'To the newest version of what you asked for when you installed them. You are asked again when the publisher or the source of a plugin has changed, when the version is older, and when it provides new backends, hooks or plugins. Plugins that came with clinvk are updated with clinvk.'
  static override examples = ['clinvk plugins update', 'clinvk plugins update clinvk-backend-x']
  static override strict = false
  static override usage = '<%= command.id %> [PLUGIN...] [FLAGS]'
  static override args = {plugin: Args.string({description: 'Only these. Default: all.', ignoreStdin: true})}
  static override flags = {
    yes: Flags.boolean({char: 'y', description: 'Do not ask: I trust the new versions.'}),
    'allow-scripts': Flags.boolean({
      description: 'Run install scripts, also of plugins that were installed without.',
    }),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<number> {
    const {argv, flags} = await this.parse(PluginsUpdate)
    const words = argv as string[]
    const chosen = await chooseOwn(words, this.config, this.io.env)
    if (chosen.length === 0 && !flags.json) {
      this.print('You have installed no plugins. Those that came with clinvk are updated with it.\n')
      return 0
    }
    const command = ['clinvk plugins update', ...(words.length === 0 ? [] : [quoteCommand(words)])].join(' ')
    const consent = {yes: flags.yes, allowScripts: flags['allow-scripts'], command}
    const context = await pluginContext(this.config, this.io, consent)
    const results: Updated[] = []
    for (const plugin of chosen) {
      const result = await updatePlugin(plugin, context)
      results.push(result)
      if (!flags.json && result.state !== 'failed') this.print(sentence(result))
      if (result.state === 'updated' && result.note !== undefined) this.note(oneLine(result.note))
      if (result.state === 'failed') new Printer(this.io).error(result.failure)
    }
    if (flags.json) this.printJson(jsonOf(results))
    const failed = results.find(({state}) => state === 'failed')
    return failed?.state === 'failed' ? exitCode(failed.failure.kind) : 0
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
