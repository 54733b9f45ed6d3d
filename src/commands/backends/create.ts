import {basename} from 'node:path'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {backendsOf} from 'clinvk-kit/backends/discover'
import {ClinvkCommand} from 'clinvk-kit/command'
import {createBackend, type CreatedBackend} from '../../backends/create-backend.js'

export default class BackendsCreate extends ClinvkCommand {
  static override summary = 'Create the package of a new backend, which works before you change anything.'
  static override description =
    'Writes ./clinvk-backend-NAME: the backend in TypeScript, the types of the contract, fixtures, a test and a CI workflow. Its only dependency is typescript. Its README.md says what to change.'
  static override examples = [
    'clinvk backends create acme',
    'clinvk backends create acme --text    # no code, for an agent that prints plain text',
  ]
  static override args = {
    name: Args.string({description: 'As in clinvk -b NAME.', required: true, ignoreStdin: true}),
  }
  static override flags = {
    text: Flags.boolean({description: 'Describe an agent that prints plain text, in JSON and without code.'}),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(BackendsCreate)
    const kind = flags.text ? 'text' : 'module'
    const created = await createBackend(args.name, {kind, cwd: this.io.cwd, root: this.config.root})
    const {directory, files, name} = created
    const replaced = (await backendsOf(this.config)).backends.get(name)
    const notes = replaced
      ? [`${replaced.plugin} has a backend ${name}, too. Yours replaces it once it is linked or installed.`]
      : []
    if (flags.json) return this.printJson({name, package: basename(directory), directory, files, notes})
    for (const note of notes) this.note(note)
    this.print(nextSteps(created, flags.text))
  }
}

function nextSteps({files, name}: CreatedBackend, isText: boolean): string {
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
