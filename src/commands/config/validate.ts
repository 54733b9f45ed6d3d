import {resolve} from 'node:path'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {exitCode} from 'clinvk-kit/errors/failure'
import {ConfigCommand, configFlag} from '../../config/config-command.js'
import {problemJson} from '../../config/format.js'

export default class ConfigValidate extends ConfigCommand {
  static override summary = 'Check your settings, files and environment variables, or one file.'
  static override description =
    'Exit code 0 if all settings are valid, 3 if not. Settings without effect are reported, but are not errors.'
  static override examples = [
    'clinvk config validate',
    'clinvk config validate team.yaml',
    'clinvk config validate --json | jq ".problems[].key"',
  ]
  static override args = {
    file: Args.string({
      description: 'A settings file; one named .clinvk.yaml is checked as a project file.',
      ignoreStdin: true,
    }),
  }
  static override flags = {config: configFlag, json: Flags.boolean({description: 'Print JSON.'})}

  async run(): Promise<number> {
    const {args, flags} = await this.parse(ConfigValidate)
    const path = args.file === undefined ? undefined : resolve(this.io.cwd, args.file)
    const {files, problems, warnings} =
      path === undefined ? this.#checkAll(flags.config) : {files: [path], ...this.checkFile(path)}
    this.printProblems(problems, warnings)
    const valid = problems.length === 0
    if (flags.json)
      this.printJson({valid, files, problems: problems.map((problem) => problemJson(problem)), warnings})
    else if (valid)
      this.print(`Valid: ${files.join(', ') || 'there is no settings file, the defaults are in force'}\n`)
    return valid ? 0 : exitCode('config')
  }

  #checkAll(file: string | undefined) {
    const {found, problems, warnings} = this.resolve(file)
    return {files: [found.user, found.project].flatMap((text) => text?.file ?? []), problems, warnings}
  }
}
