import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import {styleText} from 'node:util'
import {ROOT, type Sandbox} from '../support/sandbox.js'

/** Shows commands as a user would type them, and runs them on this very terminal. */
export class Stage {
  readonly #user: Sandbox
  readonly #env: Record<string, string>

  constructor(user: Sandbox, env: Record<string, string>) {
    this.#user = user
    const {COLUMNS = '', NO_COLOR = '', TERM = 'dumb'} = process.env
    this.#env = {...user.env, ...env, TERM, ...(COLUMNS && {COLUMNS}), ...(NO_COLOR && {NO_COLOR})}
  }

  heading(text: string): void {
    print(`\n${style('bold', `# ${text}`)}\n`)
  }

  say(text: string): void {
    print(`${style('cyan', text)}\n`)
  }

  /** Runs `clinvk <words>` to its end. A failure ends the demo: it must not look like success. */
  async clinvk(words: readonly string[], {cwd = this.#user.project}: {cwd?: string} = {}): Promise<void> {
    const [code] = (await once(this.#start(words, cwd), 'exit')) as [number | null]
    if (code !== 0) throw new Error(`clinvk ${words.join(' ')} ended with exit code ${String(code)}`)
  }

  /** Runs it until `arrived` and a moment longer, then presses Ctrl-C. */
  async interrupted(words: readonly string[], arrived: Promise<unknown>): Promise<void> {
    const child = this.#start(words, this.#user.project)
    await arrived
    await wait(800)
    child.kill('SIGINT')
    const [code] = (await once(child, 'exit')) as [number | null]
    this.say(`(Ctrl-C; exit code ${String(code)})`)
  }

  file(name: string, content: string): void {
    this.#user.write(join('project', name), content)
    this.show(name)
  }

  show(name: string): void {
    print(`\n${style('green', '$')} cat ${name}\n${readFileSync(join(this.#user.project, name), 'utf8')}`)
  }

  /** The id of the session that was used last, as a list shows it. */
  lastId(): string {
    return String(this.#user.sessions()[0]?.id).slice(0, 8)
  }

  #start(words: readonly string[], cwd: string) {
    const shown = words.map((word) => (/^[\w@.-]+$/.test(word) ? word : `"${word}"`)).join(' ')
    const where = cwd === this.#user.project ? '' : `(in another directory) `
    print(`\n${style('green', '$')} ${where}${style('bold', `clinvk ${shown}`)}\n`)
    return spawn(process.execPath, [join(ROOT, 'bin/run.js'), ...words], {
      cwd,
      env: this.#env,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
  }
}

function print(text: string): void {
  process.stdout.write(text)
}

function style(format: 'bold' | 'cyan' | 'green', text: string): string {
  return process.stdout.isTTY && !process.env.NO_COLOR ? styleText(format, text) : text
}
