import {Failure, exitCode} from 'clinvk-kit/errors/failure'
import {readSettingsFile, writeSettingsFile} from 'clinvk-kit/settings/files'
import {commentedFile} from 'clinvk-kit/settings/reference'
import {ConfigCommand, configFlag} from '../../config/config-command.js'

export default class ConfigEdit extends ConfigCommand {
  static override summary = 'Open your settings file in $VISUAL or $EDITOR, then check it.'
  static override description = 'Creates the file first if there is none, as `config init` does.'
  static override examples = ['clinvk config edit', 'EDITOR="code --wait" clinvk config edit']
  static override flags = {config: configFlag}

  async run(): Promise<number> {
    const {flags} = await this.parse(ConfigEdit)
    const path = this.filePath(flags.config)
    const editor = this.io.env.VISUAL || this.io.env.EDITOR
    if (!editor) {
      throw new Failure('usage', 'Neither VISUAL nor EDITOR says which editor to use.', [
        'Try: EDITOR=nano clinvk config edit',
        `Or open it yourself: ${path}`,
      ])
    }
    if (readSettingsFile(path) === undefined)
      await writeSettingsFile(path, commentedFile(this.schema), {isNew: true})
    await open(editor, path, this.io.env)
    const {problems, warnings} = await this.checkFile(path)
    this.printProblems(problems, warnings)
    return problems.length > 0 ? exitCode('config') : 0
  }
}

/** The variable may contain arguments, `code --wait`, and quotes: the shell reads it, as with git. */
async function open(editor: string, path: string, env: NodeJS.ProcessEnv): Promise<void> {
  const {execa} = await import('execa')
  const options = {env, extendEnv: false, stdio: 'inherit', reject: false} as const
  const {exitCode: code, failed} =
    process.platform === 'win32'
      ? await execa(`${editor} "${path}"`, {...options, shell: true})
      : await execa('sh', ['-c', `${editor} "$1"`, 'sh', path], options)
  const end = code === undefined ? 'a signal' : `exit code ${code}`
  if (failed) throw new Failure('usage', `The editor (${editor}) ended with ${end}.`)
}
