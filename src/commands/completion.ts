import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {Failure} from 'clinvk-kit/errors/failure'
import {type Shell, SHELLS, scriptOf, shellOf} from '../completion/install.js'

export default class Completion extends ClinvkCommand {
  static override summary = 'Complete clinvk with TAB: print the script for a shell, or install it.'
  static override description =
    'Completes commands, flags, backends, models, sessions, tags and settings. Without arguments it shows what to do for your shell.'
  static override examples = [
    'clinvk completion',
    'clinvk completion --install',
    'clinvk completion zsh --uninstall',
    'clinvk completion bash > /etc/bash_completion.d/clinvk',
  ]
  static override hiddenAliases = ['autocomplete']
  static override args = {
    shell: Args.string({
      description: 'The shell; by default yours.',
      ignoreStdin: true,
      options: [...SHELLS],
    }),
  }
  static override flags = {
    install: Flags.boolean({
      description: 'Write the script where the shell finds it, or print the line that loads it.',
      exclusive: ['uninstall'],
    }),
    uninstall: Flags.boolean({description: 'Remove what --install wrote.'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Completion)
    const {env} = this.io
    const shell = (args.shell as Shell | undefined) ?? shellOf(env)
    if (flags.install || flags.uninstall) {
      if (!shell) throw unknownShell()
      const {install, uninstall} = await import('../completion/install.js')
      const lines = flags.install
        ? await install(shell, await scriptOf(shell, this.config.root), env)
        : await uninstall(shell, env)
      this.print(`${lines.join('\n')}\n`)
    } else this.print(args.shell === undefined ? overview(shell) : await scriptOf(shell!, this.config.root))
  }
}

function unknownShell(): Failure {
  return new Failure('usage', 'Name the shell: the variable SHELL does not name one that clinvk knows.', [
    ...SHELLS.map((shell) => `Try: clinvk completion ${shell} --install`),
  ])
}

function overview(shell: Shell | undefined): string {
  const name = shell ?? 'SHELL'
  const others = SHELLS.filter((other) => other !== shell).join(', ')
  return `${shell === undefined ? `Shells: ${others}` : `Your shell is ${shell}. Other shells: ${others}`}

  clinvk completion ${name} --install    installs completion, and says what it writes
  clinvk completion ${name} --uninstall  removes it
  clinvk completion ${name}              prints the script
`
}
