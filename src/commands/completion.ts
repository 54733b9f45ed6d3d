import {Args, Command, Flags} from '@oclif/core'
import {Failure} from 'clinvk-kit/failure'
import {type Shell, SHELLS, scriptOf, shellOf} from '../completion/shells.js'

export default class Completion extends Command {
  static override summary = 'Complete clinvk with TAB: print the script for a shell, or set it up.'
  static override description =
    'Completes commands, flags, backends, models, sessions, tags, settings and more. Without a shell it says how to set it up for yours.'
  static override examples = [
    '<%= config.bin %> completion',
    '<%= config.bin %> completion --install',
    '<%= config.bin %> completion zsh --uninstall',
    '<%= config.bin %> completion bash > /etc/bash_completion.d/clinvk',
  ]

  static override hiddenAliases = ['autocomplete']
  static override args = {
    shell: Args.string({description: 'Your shell when not given.', ignoreStdin: true, options: [...SHELLS]}),
  }

  static override flags = {
    install: Flags.boolean({description: 'Set it up, and say what was written.', exclusive: ['uninstall']}),
    uninstall: Flags.boolean({description: 'Undo that.'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Completion)
    const shell = (args.shell as Shell | undefined) ?? shellOf(process.env)
    if (flags.install || flags.uninstall) {
      process.stdout.write(await this.#change(shell ?? unknown(), flags.install))
      return
    }

    process.stdout.write(args.shell === undefined ? howTo(shell) : await scriptOf(shell!, this.config.root))
  }

  async #change(shell: Shell, isInstall: boolean): Promise<string> {
    const {placeOf} = await import('../completion/setup/places.js')
    const {install, uninstall} = await import('../completion/setup/set-up.js')
    const {installed, uninstalled} = await import('../completion/setup/report.js')
    const place = placeOf(shell, process.env)
    return isInstall
      ? installed(shell, place, await install(place, await scriptOf(shell, this.config.root)))
      : uninstalled(shell, await uninstall(place))
  }
}

function unknown(): never {
  throw new Failure('usage', 'Say which shell: the variable SHELL does not tell.', [
    ...SHELLS.map((shell) => `Try: clinvk completion ${shell} --install`),
  ])
}

function howTo(shell: Shell | undefined): string {
  const name = shell ?? 'SHELL'
  const first =
    shell === undefined
      ? `Completion by TAB is there for these shells: ${SHELLS.join(', ')}.`
      : `Your shell is ${shell}. Completion by TAB:`
  return [
    first,
    '',
    `  clinvk completion ${name} --install    sets it up, and says what it writes`,
    `  clinvk completion ${name} --uninstall  undoes that`,
    `  clinvk completion ${name}              prints the script, for other ways to load it`,
    ...(shell === undefined
      ? []
      : ['', `Other shells: ${SHELLS.filter((other) => other !== shell).join(', ')}`]),
    '',
  ].join('\n')
}
