import {Command, Flags} from '@oclif/core'

export default class Version extends Command {
  static override summary = 'Print the version.'
  static override examples = ['<%= config.bin %> version', '<%= config.bin %> version --json']
  static override flags = {json: Flags.boolean({description: 'Print it as JSON.'})}

  async run(): Promise<void> {
    const {flags} = await this.parse(Version)
    const {arch, platform, version} = this.config
    const node = process.versions.node
    const text = `clinvk ${version}\n  node:     ${node}\n  platform: ${platform}-${arch}\n`
    const json = `${JSON.stringify({version, node, platform, arch}, undefined, 2)}\n`
    process.stdout.write(flags.json ? json : text)
  }
}
