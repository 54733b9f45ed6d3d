import {open, readFile, rm, rmdir, stat} from 'node:fs/promises'
import {homedir} from 'node:os'
import {dirname, join} from 'node:path'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'
import {clinvkHome} from 'clinvk-kit/settings/files'
import type {Shell} from './shells.js'

type Env = Readonly<Record<string, string | undefined>>

/** Removes what `completion --install` of clinvk 0.1 wrote: marked lines in start-up files, and the script they load. */
export async function removeEarlier(shell: Shell, env: Env): Promise<string[]> {
  const done: string[] = []
  for (const file of startFiles(shell, env)) {
    const text = await readFile(file, 'latin1').catch(() => undefined)
    const rest = text === undefined ? undefined : withoutLines(text, file)
    if (rest === undefined) continue
    await change(file, rest)
    done.push(rest === 'delete' ? `Removed ${file}` : `Removed the lines of clinvk from ${file}`)
  }

  const script = join(clinvkHome(env), 'completion', SCRIPTS[shell] ?? 'none')
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
  const profile = 'Microsoft.PowerShell_profile.ps1'
  switch (shell) {
    case 'bash':
      return ['.bashrc', '.bash_profile', '.bash_login', '.profile'].map((name) => join(home, name))
    case 'zsh':
      return [join(env.ZDOTDIR || home, '.zshrc')]
    case 'fish':
      return []
    case 'powershell':
      return [
        join(env.XDG_CONFIG_HOME || join(home, '.config'), 'powershell', profile),
        ...['PowerShell', 'WindowsPowerShell'].map((name) => join(home, 'Documents', name, profile)),
      ]
  }
}

/** The text as it was before, `delete` for a file that held nothing else; undefined when the lines are not in it. */
function withoutLines(text: string, file: string): {text: string} | 'delete' | undefined {
  const begin = /^# >>> clinvk completion(?: \(([^)\n]*)\))? >>>\r?$/m.exec(text)
  if (!begin) return undefined
  const rest = text.slice(begin.index)
  const end = /^# <<< clinvk completion <<<(?:\r?\n|$)/m.exec(rest)
  if (!end) {
    throw new Failure('usage', `The lines of clinvk in ${file} have a beginning and no end.`, [
      'Remove them with an editor, then try again.',
    ])
  }

  const [, note] = begin
  const before = text.slice(0, begin.index)
  const after = rest.slice(end.index + end[0].length)
  if (note === 'the file was made for it' && before + after === '') return 'delete'
  // What was added behind them since then stays on a line of its own.
  const isLast = note === 'put after a line without an end' && after === ''
  return {text: isLast ? before.replace(/\r?\n$/, '') : before + after}
}

/** Changes the file in place, so that a link, its mode and its owner stay; at no moment is a byte of the user's missing. */
async function change(path: string, to: {text: string} | 'delete'): Promise<void> {
  try {
    if (((await stat(path)).mode & 0o222) === 0) throw new Error('it is read-only')
    if (to === 'delete') return await rm(path)
    const file = await open(path, 'r+')
    try {
      const bytes = Buffer.from(to.text, 'latin1')
      await file.write(bytes, 0, bytes.length, 0)
      await file.truncate(bytes.length)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw new Failure('usage', `${path} cannot be changed: ${messageOf(error)}`)
  }
}

const SCRIPTS: Partial<Record<Shell, string>> = {
  bash: 'clinvk.bash',
  zsh: 'zsh/_clinvk',
  powershell: 'clinvk.ps1',
}
