import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import {text} from 'node:stream/consumers'
import type {Interfaces} from '@oclif/core'
import {Failure} from 'clinvk-kit/failure'

/** The npm that comes with clinvk. Nothing that it prints gets to the user; it answers in JSON. */
export class Npm {
  readonly #program: readonly [string, ...string[]]
  readonly #registry: readonly string[]
  readonly #env: NodeJS.ProcessEnv
  readonly #stop: AbortSignal

  /** Ends what runs when `stop` aborts. */
  constructor({npmRegistry, plugins}: Interfaces.Config, env: NodeJS.ProcessEnv, stop: AbortSignal) {
    this.#program = npmProgram(plugins.get('@oclif/plugin-plugins')?.root)
    this.#registry = npmRegistry === undefined ? [] : [`--registry=${npmRegistry}`]
    this.#env = {...env, GIT_TERMINAL_PROMPT: '0'}
    this.#stop = stop
  }

  /** What the registry knows of `spec`: an object for one version, a list when a range has several. */
  async view(spec: string, folder: string): Promise<unknown> {
    return this.#run(['view', ...this.#patience(LOOK_MS, 0), '--', spec], folder)
  }

  /** Installs into the package.json of a folder. Scripts of packages run only `withScripts`. */
  async install(spec: string, folder: string, {withScripts = false} = {}): Promise<void> {
    const flags = ['--save-exact', '--omit=dev', '--package-lock=true', '--no-audit', '--no-fund']
    await this.#run(
      ['install', ...flags, ...this.#patience(LOAD_MS, 1), ...scripts(withScripts), '--', spec],
      folder,
    )
  }

  async uninstall(names: readonly string[], folder: string): Promise<void> {
    const flags = ['--package-lock=true', '--no-audit', '--no-fund']
    await this.#run(
      ['uninstall', ...flags, ...this.#patience(LOOK_MS, 0), ...scripts(false), '--', ...names],
      folder,
    )
  }

  /** npm by itself waits and asks again for more than a minute. A time that the user has set is left alone. */
  #patience(ms: number, retries: number): string[] {
    const isSet = (name: string) => Boolean(this.#env[name] ?? this.#env[name.toUpperCase()])
    return [
      ...(isSet('npm_config_fetch_timeout') ? [] : [`--fetch-timeout=${ms}`]),
      ...(isSet('npm_config_fetch_retries')
        ? []
        : [`--fetch-retries=${retries}`, '--fetch-retry-mintimeout=500']),
    ]
  }

  /** Runs in `folder`, so that an `.npmrc` of the user's project has no say. Throws an NpmError. */
  async #run(words: readonly string[], folder: string): Promise<unknown> {
    this.#stopIfInterrupted()
    const [file, ...args] = this.#program
    const common = [
      '--json',
      '--loglevel=silent',
      '--global=false',
      '--no-update-notifier',
      ...this.#registry,
    ]
    const [command, ...rest] = words
    const child = spawn(file, [...args, command!, ...common, ...rest], {
      cwd: folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let last: NodeJS.Timeout | undefined
    const end = () => {
      child.kill('SIGTERM')
      // A Ctrl-C reaches npm, too, and two signals at once are more than it always takes.
      last = setTimeout(() => child.kill('SIGKILL'), END_MS)
    }

    this.#stop.addEventListener('abort', end, {once: true})
    try {
      const [stdout, stderr, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close') as Promise<[number | null]>,
      ])
      this.#stopIfInterrupted()
      const answer = parse(stdout)
      if (code !== 0) throw npmError(answer, stderr)
      return answer
    } finally {
      clearTimeout(last)
      this.#stop.removeEventListener('abort', end)
    }
  }

  #stopIfInterrupted(): void {
    if (this.#stop.aborted) throw new Failure('cancelled', 'Interrupted: nothing was changed.')
  }
}

/** What npm says when it fails. */
export class NpmError extends Error {
  /** `E404`, `ECONNREFUSED`, `ETARGET`; of git, its exit code. */
  readonly code: string
  readonly detail: string

  constructor(code: string, summary: string, detail: string) {
    super(summary)
    this.name = 'NpmError'
    this.code = code
    this.detail = detail
  }
}

function npmProgram(plugin: string | undefined): [string, ...string[]] {
  try {
    const pjson = createRequire(join(plugin!, 'package.json')).resolve('npm/package.json')
    return [process.execPath, join(dirname(pjson), 'bin/npm-cli.js')]
  } catch {
    return ['npm']
  }
}

function scripts(areAllowed: boolean): string[] {
  return areAllowed ? ['--ignore-scripts=false'] : ['--ignore-scripts']
}

function parse(stdout: string): unknown {
  try {
    return JSON.parse(stdout)
  } catch {
    return undefined
  }
}

function npmError(answer: unknown, stderr: string): NpmError {
  const {error} = (answer ?? {}) as {error?: {code?: unknown; summary?: string; detail?: string}}
  const {code = 'unknown', detail = '', summary = stderr.trim()} = error ?? {}
  return new NpmError(String(code), summary, detail)
}

/** The most milliseconds of one request: for what is known of a package, and for its content. */
const LOOK_MS = 15_000
const LOAD_MS = 30_000
/** How long npm may take to end. */
const END_MS = 2000
