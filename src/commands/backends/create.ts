import {basename} from 'node:path'
import {Args, Command, Flags} from '@oclif/core'
import {backendsOf} from 'clinvk-kit/backends/discover'
import {currentDirectory} from 'clinvk-kit/files/current-directory'
import {backendName} from '../../create/backend-name.js'
import {createBackend} from '../../create/create-backend.js'

export default class BackendsCreate extends Command {
  static override summary = 'Begin a backend of your own: a package that works before you change anything.'
  static override description =
    'Writes ./clinvk-backend-NAME, without asking: the backend in TypeScript, the types of the contract, transcripts, a test, CI. Its only dependency is typescript. README.md in it says how to go on.'
  static override examples = [
    '<%= config.bin %> backends create acme',
    '<%= config.bin %> backends create acme --text    # no code, for an agent that prints plain text',
  ]

  static override args = {
    name: Args.string({description: 'As in clinvk -b NAME.', required: true, ignoreStdin: true}),
  }

  static override flags = {
    text: Flags.boolean({description: 'Describe an agent with plain text output by JSON alone.'}),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(BackendsCreate)
    const name = backendName(args.name)
    const {directory, files} = await createBackend({
      name,
      kind: flags.text ? 'text' : 'module',
      cwd: currentDirectory(),
      root: this.config.root,
    })
    const replaced = backendsOf(this.config).backends.get(name)
    const notes = replaced
      ? [
          `clinvk has a backend ${name}, of ${replaced.plugin}. Once yours is linked or installed, it replaces that.`,
        ]
      : []
    if (flags.json) {
      const created = {name, package: basename(directory), directory, files, notes}
      process.stdout.write(`${JSON.stringify(created, undefined, 2)}\n`)
      return
    }

    for (const note of notes) process.stderr.write(`Note: ${note}\n`)
    process.stdout.write(nextSteps(name, files, flags.text))
  }
}

function nextSteps(name: string, files: readonly string[], isText: boolean): string {
  const lines = [
    `Wrote ./clinvk-backend-${name}: ${files.length} files. It works as it is:`,
    '',
    `  cd clinvk-backend-${name}`,
    ...(isText ? [] : ['  npm install && npm test']),
    '  clinvk backends test .',
    '  clinvk plugins link .',
    `  clinvk -b ${name} "hello"`,
    '',
    `agent/${name}.js stands in for the agent. README.md says what to change.`,
  ]
  return `${lines.join('\n')}\n`
}
