import {resolve} from 'node:path'
import {Args, Command, Flags} from '@oclif/core'
import {currentDirectory} from 'clinvk-kit/current-directory'
import {exitCode} from 'clinvk-kit/outcome'
import {configFlag} from '../../config/flags.js'
import {printProblems} from '../../config/print-problems.js'
import {problemJson} from '../../config/problem-json.js'
import {SettingsFile} from '../../config/settings-file.js'
import {validateFile, type Findings} from '../../config/validate-file.js'

export default class ConfigValidate extends Command {
  static override summary = 'Say what is wrong with your settings: files and variables, or one file.'
  static override description =
    'Exit code 0 when everything is right, 3 when not. Settings without effect are named, but are no error.'
  static override examples = [
    '<%= config.bin %> config validate',
    '<%= config.bin %> config validate team.yaml',
    '<%= config.bin %> config validate --json | jq ".problems[].key"',
  ]

  static override args = {
    file: Args.string({
      description: 'A settings file; one that is called .clinvk.yaml is checked as a project file.',
      ignoreStdin: true,
    }),
  }

  static override flags = {...configFlag, json: Flags.boolean({description: 'Print JSON.'})}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(ConfigValidate)
    const file = new SettingsFile(this.config, flags.config)
    const {files, problems, warnings} =
      args.file === undefined ? await all(file) : await only(resolve(currentDirectory(), args.file), file)
    printProblems(problems, warnings)
    const isValid = problems.length === 0
    if (flags.json) {
      const json = {
        valid: isValid,
        files,
        problems: problems.map((problem) => problemJson(problem)),
        warnings,
      }
      process.stdout.write(`${JSON.stringify(json, undefined, 2)}\n`)
    } else if (isValid) {
      process.stdout.write(
        `Valid: ${files.join(', ') || 'there is no settings file, the defaults are in force'}\n`,
      )
    }

    if (!isValid) process.exitCode = exitCode('config')
  }
}

/** The files that were checked, and what came of it. */
interface Checked extends Findings {
  readonly files: readonly string[]
}

async function all(file: SettingsFile): Promise<Checked> {
  const {found, problems, warnings} = await file.resolve()
  const files = [found.user, found.project].flatMap((text) => (text ? [text.file] : []))
  return {files, problems, warnings}
}

async function only(path: string, file: SettingsFile): Promise<Checked> {
  return {files: [path], ...(await validateFile(path, file))}
}
