import {readFile, rm, writeFile} from 'node:fs/promises'
import {homedir} from 'node:os'
import {basename, dirname, join} from 'node:path'
import {Failure, reasonOf} from 'clinvk-kit/errors/failure'
import {makeDirectory} from 'clinvk-kit/files/replace-file'
import {removeEarlier} from './earlier-versions.js'

type Env = Readonly<Record<string, string | undefined>>

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const
export type Shell = (typeof SHELLS)[number]

export function shellOf(env: Env, platform: string = process.platform): Shell | undefined {
  const name = basename(env.SHELL ?? '').replace(/\.exe$/, '')
  if (name === 'pwsh') return 'powershell'
  return SHELLS.find((shell) => shell === name) ?? (platform === 'win32' ? 'powershell' : undefined)
}

/** The script of a shell, from the installation of clinvk at `root`. */
export function scriptOf(shell: Shell, root: string): Promise<string> {
  const names = {bash: 'clinvk.bash', zsh: '_clinvk', fish: 'clinvk.fish', powershell: 'clinvk.ps1'}
  return readFile(join(root, 'src/completion/shells', names[shell]), 'utf8')
}

export interface Place {
  /** Where the shell looks for scripts by itself; undefined for shells without such a directory. */
  readonly script?: string
  /** The user's start-up file, and the line in it that loads completion. */
  readonly startFile: string
  readonly line: string
}

export function placeOf(shell: Shell, env: Env): Place {
  const home = env.HOME || homedir()
  const config = env.XDG_CONFIG_HOME || join(home, '.config')
  const data = env.XDG_DATA_HOME || join(home, '.local/share')
  switch (shell) {
    case 'bash': {
      // bash-completion accepts several directories, separated by colons.
      const [directory] = (env.BASH_COMPLETION_USER_DIR || join(data, 'bash-completion')).split(':')
      const script = join(directory!, 'completions/clinvk')
      return {script, startFile: join(home, '.bashrc'), line: 'eval "$(clinvk completion bash)"'}
    }
    case 'zsh':
      return {startFile: join(env.ZDOTDIR || home, '.zshrc'), line: ZSH_LINE}
    case 'fish': {
      const script = join(config, 'fish/completions/clinvk.fish')
      return {script, startFile: join(config, 'fish/config.fish'), line: 'clinvk completion fish | source'}
    }
    case 'powershell': {
      const startFile = join(config, 'powershell/Microsoft.PowerShell_profile.ps1')
      return {startFile, line: 'clinvk completion powershell | Out-String | Invoke-Expression'}
    }
  }
}

/** Writes the script where the shell finds it, or says which line to add. Returns what to tell the user. */
export async function install(shell: Shell, script: string, env: Env): Promise<string[]> {
  const {line, script: path, startFile} = placeOf(shell, env)
  const file = shell === 'powershell' ? '$PROFILE' : startFile
  if (path === undefined) return [`To complete clinvk with TAB, add this line at the end of ${file}:`, line]
  if ((await ownScript(path)) === script) return [`${path} is up to date.`]
  try {
    makeDirectory(dirname(path), 0o777)
    await writeFile(path, script)
  } catch (error) {
    throw new Failure('usage', `${path} cannot be written: ${reasonOf(error)}`, [
      `To load completion another way, add to ${file}: ${line}`,
    ])
  }
  const bashHint = `bash reads it if the package bash-completion is installed; if not, add to ${file}: ${line}`
  return [
    `Wrote ${path}`,
    'Completion works in new terminals.',
    ...(shell === 'bash' ? [bashHint] : []),
    `To undo it: clinvk completion ${shell} --uninstall`,
  ]
}

export async function uninstall(shell: Shell, env: Env): Promise<string[]> {
  const {line, script, startFile} = placeOf(shell, env)
  const done = await removeEarlier(shell, env)
  if (script !== undefined && (await ownScript(script)) !== undefined) {
    await rm(script)
    done.push(`Removed ${script}`)
  }
  if ((await textOf(startFile)).includes(line))
    done.push(`Remove this line from ${startFile} yourself: ${line}`)
  if (done.length === 0) return [`Completion for ${shell} is not installed.`]
  return [...done, 'Open terminals keep it until they are closed.']
}

/** `old`: the script is of another version of clinvk. */
export async function stateOf(
  shell: Shell,
  script: string,
  env: Env,
): Promise<'installed' | 'old' | 'missing'> {
  const place = placeOf(shell, env)
  const found = place.script === undefined ? '' : await textOf(place.script)
  if (found !== '') return found === script ? 'installed' : 'old'
  const start = await textOf(place.startFile)
  if (start.includes('# >>> clinvk completion')) return 'old'
  return start.includes('clinvk completion') ? 'installed' : 'missing'
}

/** The installed script; undefined when there is none. Throws a Failure when the file is not ours. */
async function ownScript(path: string): Promise<string | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Failure('usage', `${path} cannot be read: ${reasonOf(error)}`)
  }
  if (text.includes('This file is written by: clinvk completion')) return text
  throw new Failure('usage', `${path} was not written by clinvk and is not changed.`, [
    'Move it to another place, then try again.',
  ])
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}

/** Starts the completion of zsh itself where the user has not. */
const ZSH_LINE =
  '(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }; source <(clinvk completion zsh)'
