import {Failure, exitCode} from 'clinvk-kit/errors/failure'
import {readSettingsFile, writeSettingsFile} from 'clinvk-kit/settings/files'
import {commentedFile} from 'clinvk-kit/settings/reference'
import {askYes} from 'clinvk-kit/format/ask-yes'
import {ConfigCommand, configFlag} from '../../config/config-command.js'

export default class ConfigEdit extends ConfigCommand {
  static override summary = 'Open your settings file in $VISUAL or $EDITOR, then check it.'
  static override description =
    'Creates the file first if there is none, as `config init` does. Without both variables it is vi.'
  static override examples = ['clinvk config edit', 'EDITOR="code --wait" clinvk config edit']
  static override flags = {config: configFlag}

  async run(): Promise<number> {
    const {flags} = await this.parse(ConfigEdit)
    const path = this.filePath(flags.config)
    if (readSettingsFile(path) === undefined)
      await writeSettingsFile(path, commentedFile(this.schema), {isNew: true})
    for (;;) {
      await open(path, this.io.env)
      const {problems, warnings} = this.checkFile(path)
      this.printProblems(problems, warnings)
      if (problems.length === 0) return 0
      if (!this.io.stdin.isTTY || !(await askYes('Edit it again?', this.io))) return exitCode('config')
    }
  }
}

/** The variables may contain arguments, `code --wait`, and quotes: the shell reads them, as with git. */
async function open(path: string, env: NodeJS.ProcessEnv): Promise<void> {
  const editor = env.VISUAL || env.EDITOR || (process.platform === 'win32' ? 'notepad' : 'vi')
  const {execa} = await import('execa')
  const options = {env, extendEnv: false, stdio: 'inherit', reject: false} as const
  const {exitCode: code, failed} =
    process.platform === 'win32'
      ? await execa(`${editor} "${path}"`, {...options, shell: true})
      : await execa('sh', ['-c', `${editor} "$1"`, 'sh', path], options)
  const end = code === undefined ? 'a signal' : `exit code ${code}`
  if (failed)
    throw new Failure('usage', `The editor (${editor}) ended with ${end}.`, [
      'Choose one with VISUAL or EDITOR: EDITOR=nano clinvk config edit',
      `Or open the file yourself: ${path}`,
    ])
}
