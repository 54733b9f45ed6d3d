import assert from 'node:assert/strict'
import {spawn, type ChildProcess} from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {delimiter, dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {parse} from 'yaml'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What stands in a file of YAML in `test/fixtures`. */
export function fixture(name: string): unknown {
  return parse(readFileSync(join(ROOT, 'test/fixtures', name), 'utf8'), {merge: true})
}

/** The words of a command, or a line of them as a shell has it, with blanks in quotes. */
export type Words = string | readonly string[]

export function wordsOf(words: Words): readonly string[] {
  if (typeof words !== 'string') return words
  return [...words.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, plain]) => a ?? b ?? plain!)
}

/** How a process ended, and all that it printed. */
export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

export interface RunOptions {
  /** Fed to standard input, which is closed then. */
  readonly stdin?: string | Buffer
  readonly cwd?: string
  readonly env?: Record<string, string | undefined>
  /** Standard input and output are a terminal: for `CliUser`. */
  readonly onTerminal?: boolean
}

/** A user of a clean machine: a home and a project of their own, and nothing of ours in the environment. */
export class Sandbox {
  home!: string
  project!: string
  env!: Record<string, string>
  readonly #given: Record<string, string>
  readonly #running = new Set<ChildProcess>()

  constructor(env: Record<string, string> = {}) {
    this.#given = env
    this.setUp()
  }

  /** Gives each test of a suite such a machine. */
  forEachTest(): this {
    this.remove()
    beforeEach(() => this.setUp())
    afterEach(() => this.remove())
    return this
  }

  /** Makes the home. Called by the constructor, so before the fields of a subclass are there. */
  protected setUp(): void {
    this.home = realpathSync(mkdtempSync(join(tmpdir(), 'clinvk-test-')))
    this.project = this.directory('project')
    this.env = {
      PATH: [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
      HOME: this.home,
      TMPDIR: this.directory('tmp'),
      LANG: 'C.UTF-8',
      TERM: 'dumb',
      ...this.#given,
    }
  }

  /** A directory below the home, made if need be. */
  directory(name: string): string {
    const path = join(this.home, name)
    mkdirSync(path, {recursive: true})
    return path
  }

  write(name: string, content: string | Buffer): string {
    const path = join(this.home, name)
    mkdirSync(dirname(path), {recursive: true})
    writeFileSync(path, content)
    return path
  }

  /** Puts a program into PATH; without a script it does nothing, for what is decided before the agent starts. */
  installProgram(name: string, script = ''): void {
    chmodSync(this.write(`bin/${name}`, `#!/bin/sh\n${script}\n`), 0o755)
    this.env.PATH = [join(this.home, 'bin'), this.env.PATH].join(delimiter)
  }

  /** Runs `clinvk <words>` in the project to its end. */
  async clinvk(words: Words, options: RunOptions = {}): Promise<Finished> {
    return this.start(words, options).finished
  }

  /** Starts `clinvk <words>`, for tests that act while it runs. */
  start(words: Words, options: RunOptions = {}): Running {
    return this.run(process.execPath, [join(ROOT, 'bin/run.js'), ...wordsOf(words)], options)
  }

  /** Starts any program in this environment. */
  run(
    file: string,
    args: readonly string[],
    {cwd = this.project, env = {}, stdin = ''}: RunOptions = {},
  ): Running {
    const started = Date.now()
    const child = spawn(file, args, {cwd, env: {...this.env, ...env}, stdio: 'pipe'})
    this.#running.add(child)
    child.stdin.on('error', () => undefined)
    child.stdin.end(stdin)
    const printed = {stdout: '', stderr: ''}
    const waiting = new Set<() => void>()
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        printed[name] += text
        for (const check of waiting) check()
      })
    }

    const finished = new Promise<Finished>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => {
        this.#running.delete(child)
        resolve({code, signal, ...printed, ms: Date.now() - started})
      })
    })
    const shows = (text: string | RegExp, stream: 'stdout' | 'stderr' = 'stdout') =>
      new Promise<void>((resolve, reject) => {
        const check = () => {
          const found = typeof text === 'string' ? printed[stream].includes(text) : text.test(printed[stream])
          if (found) {
            waiting.delete(check)
            resolve()
          }
        }

        waiting.add(check)
        check()
        void finished.then(({stderr, stdout}) =>
          reject(
            new Error(`It ended without showing ${String(text)}.\nstdout: ${stdout}\nstderr: ${stderr}`),
          ),
        )
      })
    return {child, finished, shows}
  }

  /** What stands in the session files, the last used first. */
  sessions(): Record<string, unknown>[] {
    const directory = join(this.home, '.clinvk/sessions')
    try {
      return readdirSync(directory)
        .filter((name) => name.endsWith('.json'))
        .map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as Record<string, unknown>)
        .sort((a, b) => String(b.last_used).localeCompare(String(a.last_used)))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  /** Ends what still runs and removes everything. */
  remove(): void {
    for (const child of this.#running) child.kill('SIGKILL')
    rmSync(this.home, {recursive: true, force: true, maxRetries: 5, retryDelay: 100})
  }
}

/** A process under way. */
export interface Running {
  readonly child: ChildProcess
  readonly finished: Promise<Finished>
  /** Resolves when the process has printed this; rejects when it ends before. */
  shows(text: string | RegExp, stream?: 'stdout' | 'stderr'): Promise<void>
}

/** How a run must end: a text is all of a stream, an expression a part of it. What is left out may be anything. */
interface Ending {
  readonly code?: number | null | undefined
  readonly stdout?: string | RegExp
  readonly stderr?: string | RegExp
}

/** Waits for a run, which must end like this; `what` names it where it does not. */
export async function ends(run: Promise<Finished>, expected: Ending, what = ''): Promise<Finished> {
  const finished = await run
  const {code, stderr, stdout} = finished
  const all = `${what}\nexit ${String(code)}\nstdout: ${stdout}\nstderr: ${stderr}`
  for (const stream of ['stderr', 'stdout'] as const) {
    const wanted = expected[stream]
    if (wanted instanceof RegExp)
      assert.match(finished[stream], wanted, `${String(wanted)} is not in ${stream}: ${all}`)
    else if (wanted !== undefined) assert.equal(finished[stream], wanted, all)
  }

  if ('code' in expected) assert.equal(code, expected.code, all)
  return finished
}

/** The one JSON object that a command has printed. */
export function json({code, stderr, stdout}: Finished): Record<string, unknown> {
  try {
    return JSON.parse(stdout) as Record<string, unknown>
  } catch {
    throw new Error(`No JSON (exit ${String(code)}).\nstdout: ${stdout}\nstderr: ${stderr}`)
  }
}

/** One field of each of a list, or of the results of a run; or several of each. */
export function each<T extends object>(
  list: readonly T[] | {readonly results: readonly T[]},
  ...fields: (keyof T)[]
): unknown[] {
  const [first] = fields
  const all = 'results' in list ? list.results : list
  return all.map((one) => (fields.length === 1 ? one[first!] : fields.map((field) => one[field])))
}

/** The JSON lines that a command has printed. */
export function jsonLines({stdout}: Finished): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
