import {Args, Flags} from '@oclif/core'
import {ClinvkCommand} from 'clinvk-kit/command'
import {problemText, type Problem} from 'clinvk-kit/settings/problem'
import {errorText} from '../output/error-text.js'
import {paint} from '../output/paint.js'
import {SettingsFile} from './settings-file.js'

export const configFlag = Flags.string({
  description: 'Use this settings file instead of ~/.clinvk/config.yaml.',
  helpValue: 'FILE',
})

export const keyArg = Args.string({
  description: 'A setting, such as session.auto_resume.',
  ignoreStdin: true,
  required: true,
})

/** What all commands of `config` share. */
export abstract class ConfigCommand extends ClinvkCommand {
  protected settingsFile(flags: {readonly config?: string | undefined}): SettingsFile {
    return new SettingsFile(this.config, this.io, flags.config)
  }

  /** Reports what is wrong and what has no effect; the command goes on. */
  protected printProblems(problems: readonly Problem[], warnings: readonly string[] = []): void {
    const {stderr} = this.io
    for (const problem of problems)
      stderr.write(errorText({kind: 'config', message: problemText(problem), hints: problem.hints}))
    for (const warning of warnings) stderr.write(`${paint(process.stderr, 'yellow', 'Note:')} ${warning}\n`)
  }
}
