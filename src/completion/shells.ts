import {readFile} from 'node:fs/promises'
import {basename, join} from 'node:path'

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const
export type Shell = (typeof SHELLS)[number]

/** The user's shell, as far as the environment tells. */
export function shellOf(
  env: Readonly<Record<string, string | undefined>>,
  platform: string = process.platform,
): Shell | undefined {
  const name = basename(env.SHELL ?? '').replace(/\.exe$/, '')
  if (name === 'pwsh') return 'powershell'
  return SHELLS.find((shell) => shell === name) ?? (platform === 'win32' ? 'powershell' : undefined)
}

/** The script of a shell, from the installation of clinvk at `root`. */
export async function scriptOf(shell: Shell, root: string): Promise<string> {
  return readFile(join(root, 'src/completion/shells', SCRIPTS[shell]), 'utf8')
}

const SCRIPTS: Record<Shell, string> = {
  bash: 'clinvk.bash',
  zsh: '_clinvk',
  fish: 'clinvk.fish',
  powershell: 'clinvk.ps1',
}
