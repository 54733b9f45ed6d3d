import {execFileSync} from 'node:child_process'
import {join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import {ROOT, type Sandbox} from './sandbox.js'

/** A real terminal (tmux) with a shell in the project of a sandbox, in which `clinvk` is the one of this checkout. */
export class Terminal {
  readonly #socket: string
  readonly #env: Record<string, string>
  #isClosed = false

  constructor(user: Sandbox, {columns = 90, rows = 15}: {columns?: number; rows?: number} = {}) {
    // One of its own: the server of an earlier one may still be ending.
    this.#socket = join(user.home, `tmux-${columns}x${rows}`)
    const bin = user.directory('bin')
    user.write('bin/clinvk', `#!/bin/sh\nexec ${process.execPath} ${join(ROOT, 'bin/run.js')} "$@"\n`)
    execFileSync('chmod', ['+x', join(bin, 'clinvk')])
    this.#env = {...user.env, PATH: `${bin}:${user.env.PATH ?? ''}`, TERM: 'xterm-256color', PS1: '$ '}
    const size = ['-x', String(columns), '-y', String(rows)]
    this.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, '-c', user.project, 'sh')
  }

  /** Types a line and presses Enter. */
  type(line: string): void {
    this.#tmux('send-keys', '-l', line)
    this.#tmux('send-keys', 'Enter')
  }

  /** Types, and no Enter. */
  write(text: string): void {
    this.#tmux('send-keys', '-l', text)
  }

  /** Types into a program that shows what is typed; again when it did not listen yet. Resolves when it is shown. */
  async types(text: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      this.#tmux('send-keys', '-l', text)
      try {
        await this.shows(new RegExp(text), 3000)
        return
      } catch (error) {
        if (tries === 5) throw error
      }
    }
  }

  /** Presses a key by its name in tmux: `C-c`, `Escape`. */
  press(key: string): void {
    this.#tmux('send-keys', key)
  }

  /** What a person would see, without empty lines at the end. */
  screen(): string {
    return this.#tmux('capture-pane', '-p').trimEnd()
  }

  /** Resolves with the screen as soon as it looks as wanted; rejects after `ms` milliseconds. */
  async shows(wanted: RegExp, ms = 20_000): Promise<string> {
    for (const end = Date.now() + ms; ; await wait(50)) {
      const screen = this.screen()
      if (wanted.test(screen)) return screen
      if (Date.now() > end) throw new Error(`The terminal does not show ${String(wanted)}:\n${screen}`)
    }
  }

  /** Whether the cursor can be seen. */
  showsCursor(): boolean {
    return this.#tmux('display-message', '-p', '#{cursor_flag}').trim() === '1'
  }

  /** What runs in it gets SIGHUP. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#tmux('kill-server')
  }

  #tmux(...words: string[]): string {
    return execFileSync('tmux', ['-S', this.#socket, ...words], {encoding: 'utf8', env: this.#env})
  }
}
