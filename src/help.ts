import {Help} from '@oclif/core/help'
import {ioOf} from 'clinvk-kit/command'

/** Help that shows both ways of use: a prompt, and a command. */
export default class ClinvkHelp extends Help {
  override formatRoot(): string {
    const {bin} = this.config
    return super
      .formatRoot()
      .replace(
        `$ ${bin} [COMMAND]`,
        `$ ${bin} "PROMPT" [FLAGS]     all flags: ${bin} prompt --help\n  $ ${bin} COMMAND`,
      )
      .trimEnd()
      .concat(
        '\n\n',
        this.section(
          'EXAMPLES',
          [
            `$ ${bin} "fix the bug in auth.go"          a new session with the default agent`,
            `$ ${bin} -b codex "implement the login"    with another agent`,
            `$ ${bin} -c "now add tests"                continue the last session`,
            `$ ${bin} sessions list                     list sessions to continue`,
          ].join('\n'),
        ),
      )
  }

  protected override log(...lines: string[]): void {
    ioOf(this.config).stdout.write(`${lines.join(' ')}\n`)
  }
}
