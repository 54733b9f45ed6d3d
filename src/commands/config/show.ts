import {Command, Flags} from '@oclif/core'
import {configFlag} from '../../config/flags.js'
import {printProblems} from '../../config/print-problems.js'
import {problemJson} from '../../config/problem-json.js'
import {SettingsFile} from '../../config/settings-file.js'
import {settingsYaml} from '../../config/settings-yaml.js'
import {sourceJson} from '../../config/source-text.js'

export default class ConfigShow extends Command {
  static override summary = 'Show the settings in force, and where each comes from.'
  static override description =
    'Flags beat variables, variables beat the project file (.clinvk.yaml), that beats your file, that beats the defaults.'
  static override examples = [
    '<%= config.bin %> config show',
    '<%= config.bin %> config show --json | jq -r \'.settings["session.auto_resume"].source\'',
  ]

  static override flags = {...configFlag, json: Flags.boolean({description: 'Print JSON.'})}

  async run(): Promise<void> {
    const {flags} = await this.parse(ConfigShow)
    const file = new SettingsFile(this.config, flags.config)
    const {entries, found, problems, warnings} = await file.resolve()
    printProblems(problems, warnings)
    const backends = [...file.installed.backends.keys()].sort()
    if (flags.json) {
      const settings = [...entries].map(([key, {source, value}]) => [key, {value, ...sourceJson(source)}])
      const json = {
        file: file.path,
        file_exists: found.user !== undefined,
        project_file: found.project?.file ?? null,
        backends,
        settings: Object.fromEntries(settings) as object,
        problems: problems.map((problem) => problemJson(problem)),
        warnings,
      }
      process.stdout.write(`${JSON.stringify(json, undefined, 2)}\n`)
      return
    }

    const project = found.project ? `# project file: ${found.project.file}\n` : ''
    process.stdout.write(
      `# user file: ${file.path}${found.user ? '' : ' (not there)'}\n${project}# installed backends: ${backends.join(', ')}\n\n`,
    )
    process.stdout.write(settingsYaml(entries.values(), Object.keys(file.schema.shape), NOTES))
  }
}

/** Sections that clinvk itself does not use. */
const NOTES = {
  server: 'for the server plugin',
  plugins: 'for plugins, by their names',
}
