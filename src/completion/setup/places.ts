import {execFileSync} from 'node:child_process'
import {existsSync, readFileSync} from 'node:fs'
import {homedir} from 'node:os'
import {join} from 'node:path'
import {clinvkHome} from 'clinvk-kit/settings/files'
import {SCRIPTS, type Shell} from '../shells.js'

/** What is set up for a shell. */
export interface Place {
  /** Where the script goes. */
  readonly script: string
  /** The user's own file that gets lines to load it; fish finds the script by itself. */
  readonly start?: {readonly file: string; readonly lines: readonly string[]}
  /** What to do to have it in the terminal at hand. */
  readonly now: string
  /** What loads it without any of this. */
  readonly byHand: string
}

type Env = Readonly<Record<string, string | undefined>>

export function placeOf(shell: Shell, env: Env, platform: string = process.platform): Place {
  const home = env.HOME || homedir()
  const own = join(clinvkHome(env), 'completion')
  switch (shell) {
    case 'bash': {
      const script = join(own, SCRIPTS.bash)
      const path = quoted(script)
      // Also read by sh where it is ~/.profile.
      const line = `if [ -n "\${BASH_VERSION-}" ] && [ -r ${path} ]; then . ${path}; fi`
      return {
        script,
        start: {file: bashFile(home, platform), lines: [line]},
        now: `. ${path}`,
        byHand: 'eval "$(clinvk completion bash)"',
      }
    }

    case 'zsh': {
      const directory = join(own, 'zsh')
      const file = join(env.ZDOTDIR || home, '.zshrc')
      return {
        script: join(directory, SCRIPTS.zsh),
        start: {file, lines: zshLines(directory)},
        now: 'exec zsh',
        byHand: 'source <(clinvk completion zsh)',
      }
    }

    case 'fish': {
      const directory = join(env.XDG_CONFIG_HOME || join(home, '.config'), 'fish/completions')
      const script = join(directory, SCRIPTS.fish)
      return {script, now: `source ${quoted(script)}`, byHand: 'clinvk completion fish | source'}
    }

    case 'powershell': {
      const script = join(own, SCRIPTS.powershell)
      const path = `'${script.replaceAll("'", "''")}'`
      const line = `if (Test-Path -LiteralPath ${path}) { . ${path} }`
      return {
        script,
        start: {file: profile(env, home, platform), lines: [line]},
        now: `. ${path}`,
        byHand: 'clinvk completion powershell | Out-String | Invoke-Expression',
      }
    }
  }
}

/** A compinit before these lines is used, one after them finds the directory; where there is none, it is done here. */
function zshLines(directory: string): string[] {
  const path = quoted(directory)
  return [
    `if [[ -r ${path}/${SCRIPTS.zsh} ]]; then`,
    `  fpath=(${path} $fpath)`,
    '  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }',
    `  autoload -Uz ${SCRIPTS.zsh} && compdef ${SCRIPTS.zsh} clinvk`,
    'fi',
  ]
}

/** Terminals of macOS start login shells, which do not read ~/.bashrc by themselves. */
function bashFile(home: string, platform: string): string {
  const usual = join(home, '.bashrc')
  if (platform !== 'darwin') return usual
  const login = ['.bash_profile', '.bash_login', '.profile'].map((name) => join(home, name))
  const read = login.find((file) => existsSync(file))
  if (read === undefined) return login[0]!
  return existsSync(usual) && readFileSync(read, 'latin1').includes('.bashrc') ? usual : read
}

/** What PowerShell calls $PROFILE. Only on Windows it may lie anywhere, and the shell itself has to tell. */
function profile(env: Env, home: string, platform: string): string {
  if (platform === 'win32') {
    for (const program of ['pwsh', 'powershell']) {
      try {
        const words = ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', '$PROFILE']
        return execFileSync(program, words, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']}).trim()
      } catch {
        // It is not there.
      }
    }
  }

  return join(env.XDG_CONFIG_HOME || join(home, '.config'), 'powershell/Microsoft.PowerShell_profile.ps1')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
