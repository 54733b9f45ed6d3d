import {spawn} from 'node:child_process'
import {Command} from '@oclif/core'
import {Failure} from 'clinvk-kit/failure'
import {exitCode} from 'clinvk-kit/outcome'
import {commentedFile} from 'clinvk-kit/settings/commented-file'
import {writeSettingsFile} from 'clinvk-kit/settings/write-file'
import {configFlag} from '../../config/flags.js'
import {printProblems} from '../../config/print-problems.js'
import {SettingsFile} from '../../config/settings-file.js'
import {validateFile} from '../../config/validate-file.js'

export default class ConfigEdit extends Command {
  static override summary = 'Open your settings file in $VISUAL or $EDITOR, and check it afterwards.'
  static override description = 'Where there is none, it begins with what `config init` writes.'
  static override examples = [
    '<%= config.bin %> config edit',
    'EDITOR="code --wait" <%= config.bin %> config edit',
  ]

  static override flags = {...configFlag}

  async run(): Promise<void> {
    const {flags} = await this.parse(ConfigEdit)
    const {EDITOR, VISUAL} = process.env
    const file = new SettingsFile(this.config, flags.config)
    const editor = VISUAL || EDITOR
    if (!editor) {
      throw new Failure('usage', 'Neither VISUAL nor EDITOR says which editor to use.', [
        'Try: EDITOR=nano clinvk config edit',
        `Or open it yourself: ${file.path}`,
      ])
    }

    if ((await file.read()) === undefined)
      await writeSettingsFile(file.path, commentedFile(file.schema), {isNew: true})
    await run(editor, file.path)
    const {problems, warnings} = await validateFile(file.path, file)
    printProblems(problems, warnings)
    if (problems.length > 0) process.exitCode = exitCode('config')
  }
}

/** The variable may hold arguments, `code --wait`, and quotes: the shell reads it, as for git. */
async function run(editor: string, path: string): Promise<void> {
  const child =
    process.platform === 'win32'
      ? spawn(`${editor} "${path}"`, {stdio: 'inherit', shell: true})
      : spawn('sh', ['-c', `${editor} "$1"`, 'sh', path], {stdio: 'inherit'})
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  if (code !== 0)
    throw new Failure(
      'usage',
      `The editor (${editor}) ended with ${code === null ? 'a signal' : `exit code ${code}`}.`,
    )
}
