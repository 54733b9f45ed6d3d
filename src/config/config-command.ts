import {Args, Flags} from '@oclif/core'
import {ClinvkCommand} from 'clinvk-kit/command'
import {problemText, type Problem} from 'clinvk-kit/settings/problem'
import {Printer} from '../output/printer.js'
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
    const printer = new Printer(this.io)
    for (const problem of problems)
      printer.error({kind: 'config', message: problemText(problem), hints: problem.hints})
    for (const warning of warnings) printer.note(warning)
  }
}
