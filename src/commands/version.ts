import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'

export default class Version extends ClinvkCommand {
  static override summary = 'Print the version.'
  static override examples = ['clinvk version', 'clinvk version --json']
  static override flags = {json: Flags.boolean({description: 'Print it as JSON.'})}

  async run(): Promise<void> {
    const {flags} = await this.parse(Version)
    const {arch, platform, version} = this.config
    const {node} = process.versions
    if (flags.json) this.printJson({version, node, platform, arch})
    else this.print(`clinvk ${version}\n  node:     ${node}\n  platform: ${platform}-${arch}\n`)
  }
}
