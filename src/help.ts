import type {Command} from '@oclif/core'
import {CommandHelp, Help} from '@oclif/core/help'
import {ioOf} from 'clinvk-kit/command'

/** Help that shows both ways of use: a prompt, and a command. */
export default class ClinvkHelp extends Help {
  protected override CommandHelpClass = ClinvkCommandHelp

  constructor(...args: ConstructorParameters<typeof Help>) {
    super(...args)
    this.render = templatesOnly(this.render)
  }

  override formatRoot(): string {
    const {bin} = this.config
    const usage = `$ ${bin} "PROMPT" [FLAGS]     all flags: ${bin} prompt --help\n  $ ${bin} COMMAND`
    return super.formatRoot().replace(`$ ${bin} [COMMAND]`, usage).trimEnd()
  }

  /** The flags that people need most, then each command or topic once. */
  protected override showRootHelp(): Promise<void> {
    const prompt = this.config.findCommand('prompt', {must: true})
    const most = MOST_USED.map((name) => [name, {...prompt.flags[name], helpGroup: undefined}])
    const command = {...prompt, flags: Object.fromEntries(most) as Command.Loadable['flags']}
    const flags = new ClinvkCommandHelp(command, this.config, {...this.opts, sections: ['FLAGS']}).generate()
    const named = new Map(this.sortedTopics.map(({description, name}) => [name, description]))
    for (const {id} of this.sortedCommands) named.set(id, this.summary(this.config.findCommand(id)!))
    const rows = [...named].filter(([id]) => !id.includes(':')).sort()
    const commands = this.renderList(rows, {indentation: 2, spacer: '\n', stripAnsi: this.opts.stripAnsi})
    const sections = [flags, this.section('EXAMPLES', EXAMPLES), this.section('COMMANDS', commands)]
    this.log([this.formatRoot(), ...sections].join('\n\n'))
    return Promise.resolve()
  }

  protected override log(...lines: string[]): void {
    ioOf(this.config).stdout.write(`${lines.join(' ')}\n`)
  }
}

class ClinvkCommandHelp extends CommandHelp {
  constructor(...args: ConstructorParameters<typeof CommandHelp>) {
    super(...args)
    this.render = templatesOnly(this.render)
  }

  /** oclif writes flags that exclude or need each other as alternatives that are empty; all are listed below. */
  protected override defaultUsage(): string {
    return super.defaultUsage().replace(/ [[(]+-.*/s, ' [FLAGS]')
  }

  /** Dots stand behind all arguments where a command takes several of the last one. */
  protected override args(args: Command.Arg.Any[]): [string, string | undefined][] | undefined {
    return super
      .args(args)
      ?.map(([name, text], index, {length}) => [index < length - 1 ? name.replace('...', '') : name, text])
  }

  /** The summary is above already. Wrapping would take the indentation of YAML away. */
  protected override description(): string | undefined {
    const {description, summary} = this.command
    if (summary === undefined) return super.description()
    const lines = description?.split('\n')
    return lines?.map((line) => (line.startsWith(' ') ? line : this.wrap(line))).join('\n')
  }
}

/** Compiling a text as a template takes a millisecond for each, and most texts are none. */
function templatesOnly(render: (text: string) => string): (text: string) => string {
  return (text) => (text.includes('<%') ? render(text) : text)
}

const MOST_USED = ['backend', 'model', 'continue', 'workdir', 'output-format', 'sandbox-mode']
const EXAMPLES = `\
$ clinvk "fix the bug in auth.go"          a new session with the default agent
$ clinvk -b codex "implement the login"    with another agent
$ clinvk -c "now add tests"                continue the last session
$ clinvk sessions list                     list sessions to continue`
