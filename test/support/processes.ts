import {spawn, type ChildProcess} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {ROOT} from './sandbox.js'
import {waitFor} from './wait-for.js'

/** Processes that use a store at the same time; each is a file of `test/e2e/processes`. */
export class Processes {
  readonly #all = new Set<StoreProcess>()

  start(file: string, ...args: string[]): StoreProcess {
    const started = new StoreProcess(join(ROOT, 'test/e2e/processes', file), args)
    this.#all.add(started)
    return started
  }

  end(): void {
    for (const {child} of this.#all) child.kill('SIGKILL')
  }
}

export class StoreProcess {
  readonly child: ChildProcess
  /** How it ended: an exit code or a signal. */
  readonly ended: Promise<number | string>
  /** What it has printed so far. */
  stdout = ''
  stderr = ''

  constructor(file: string, args: readonly string[]) {
    this.child = spawn(process.execPath, [file, ...args], {stdio: 'pipe'})
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.stdout += text))
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    this.child.stdin!.on('error', () => undefined)
    this.ended = new Promise((resolve, reject) => {
      this.child.once('error', reject)
      this.child.once('close', (code, signal) => resolve(code ?? signal!))
    })
  }

  /** Resolves once it has printed this. */
  async says(text: string): Promise<void> {
    await waitFor(`${text} from process ${this.child.pid!}: ${this.stderr}`, () => {
      if (this.stdout.includes(text)) return true
      if (this.child.exitCode === null && this.child.signalCode === null) return false
      throw new Error(`It ended without saying "${text}": ${this.stdout}${this.stderr}`)
    })
  }

  /** Resolves once it stands still. */
  async stopped(): Promise<void> {
    await waitFor(`process ${this.child.pid!} to stop`, () => this.#state() === 'T')
  }

  #state(): string | undefined {
    const stat = readFileSync(`/proc/${this.child.pid!}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2)[0]
  }
}
