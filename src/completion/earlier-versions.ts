import {readFile, rm, rmdir, writeFile} from 'node:fs/promises'
import {homedir} from 'node:os'
import {dirname, join} from 'node:path'
import {Failure, reasonOf} from 'clinvk-kit/errors/failure'
import {clinvkHome} from 'clinvk-kit/settings/files'
import type {Shell} from './install.js'

type Env = Readonly<Record<string, string | undefined>>

/** Removes what `completion --install` of clinvk 0.1 wrote: marked lines in start-up files, and the script they load. */
export async function removeEarlier(shell: Shell, env: Env): Promise<string[]> {
  const done: string[] = []
  for (const file of startFiles(shell, env)) {
    const text = await readFile(file, 'latin1').catch(() => '')
    const [block, note] = MARKED.exec(text) ?? []
    if (block === undefined && !text.includes('# >>> clinvk completion')) continue
    if (block === undefined)
      throw new Failure('usage', `The end of clinvk's lines in ${file} is missing.`, [
        'Remove them with an editor.',
      ])
    const rest = text.replace(block, '')
    try {
      if (rest === '' && note === 'the file was made for it') await rm(file)
      // In place, so that a link, its mode and its owner stay; as bytes, which need not be UTF-8.
      else await writeFile(file, rest, 'latin1')
    } catch (error) {
      throw new Failure('usage', `${file} cannot be changed: ${reasonOf(error)}`)
    }
    done.push(`Removed the lines of clinvk from ${file}`)
  }
  const script = join(clinvkHome(env), 'completion', SCRIPTS[shell])
  if (await readFile(script).catch(() => undefined)) {
    await rm(script)
    done.push(`Removed ${script}`)
    for (const directory of [dirname(script), dirname(dirname(script))])
      await rmdir(directory).catch(() => 'not empty')
  }
  return done
}

function startFiles(shell: Shell, env: Env): string[] {
  const home = env.HOME || homedir()
  const config = env.XDG_CONFIG_HOME || join(home, '.config')
  const profile = 'Microsoft.PowerShell_profile.ps1'
  const files = {
    bash: ['.bashrc', '.bash_profile', '.bash_login', '.profile'].map((name) => join(home, name)),
    zsh: [join(env.ZDOTDIR || home, '.zshrc')],
    fish: [],
    powershell: [
      join(config, 'powershell', profile),
      ...['PowerShell', 'WindowsPowerShell'].map((name) => join(home, 'Documents', name, profile)),
    ],
  }
  return files[shell]
}

/** The lines, and what was noted about the file. */
const MARKED =
  /^# >>> clinvk completion(?: \(([^)\n]*)\))? >>>\r?\n(?:.*\n)*?# <<< clinvk completion <<<(?:\r?\n|$)/m

/** Fish had none of its own: `none` never exists. */
const SCRIPTS = {bash: 'clinvk.bash', zsh: 'zsh/_clinvk', fish: 'none', powershell: 'clinvk.ps1'}
