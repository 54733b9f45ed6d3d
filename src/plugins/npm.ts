import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import type {Interfaces} from '@oclif/core'
import {Failure} from 'clinvk-kit/errors/failure'
import type {Env} from 'clinvk-kit/io'
import {NpmError} from './npm-error.js'

/** The npm that comes with clinvk. Nothing that it prints reaches the user; it answers in JSON. */
export class Npm {
  readonly #program: readonly [string, ...string[]]
  readonly #registry: readonly string[]
  readonly #env: Env
  readonly #stop: AbortSignal

  /** npm is ended when `stop` aborts. */
  constructor(
    {npmRegistry, root}: Pick<Interfaces.Config, 'npmRegistry' | 'root'>,
    env: Env,
    stop: AbortSignal,
  ) {
    this.#program = npmProgram(root)
    this.#registry = npmRegistry === undefined ? [] : [`--registry=${npmRegistry}`]
    this.#env = {...env, GIT_TERMINAL_PROMPT: '0'}
    this.#stop = stop
  }

  /** What the registry knows about `spec`: an object for one version, a list when several match a range. */
  async view(spec: string, cwd: string): Promise<unknown> {
    return this.#run('view', [...this.#limits(VIEW_TIMEOUT_MS, 0), '--', spec], cwd)
  }

  /** Installs into the package.json of a directory. */
  async install(spec: string, cwd: string, {allowScripts = false} = {}): Promise<void> {
    const flags = [...INSTALL_FLAGS, `--ignore-scripts=${String(!allowScripts)}`]
    await this.#run('install', [...flags, ...this.#limits(DOWNLOAD_TIMEOUT_MS, 1), '--', spec], cwd)
  }

  /** By default npm waits and retries for more than a minute. Limits that the user has set are kept. */
  #limits(timeoutMs: number, retries: number): string[] {
    const isSet = (name: string) => Boolean(this.#env[name] ?? this.#env[name.toUpperCase()])
    return [
      ...(isSet('npm_config_fetch_timeout') ? [] : [`--fetch-timeout=${timeoutMs}`]),
      ...(isSet('npm_config_fetch_retries')
        ? []
        : [`--fetch-retries=${retries}`, '--fetch-retry-mintimeout=500']),
    ]
  }

  /** Runs in `cwd`, so that an `.npmrc` of the user's project has no effect. */
  async #run(command: string, flags: readonly string[], cwd: string): Promise<unknown> {
    this.#throwIfInterrupted()
    const {execa} = await import('execa')
    const [file, ...args] = this.#program
    const {exitCode, shortMessage, stderr, stdout} = await execa(
      file,
      [...args, command, ...COMMON_FLAGS, ...this.#registry, ...flags],
      {
        cwd,
        env: this.#env,
        extendEnv: false,
        stdin: 'ignore',
        reject: false,
        cancelSignal: this.#stop,
        // Ctrl-C reaches npm as well, and npm does not always end after two signals at once.
        forceKillAfterDelay: KILL_AFTER_MS,
      },
    )
    this.#throwIfInterrupted()
    const answer = parse(stdout)
    if (exitCode !== 0) throw npmError(answer, stderr.trim() || (shortMessage ?? ''))
    return answer
  }

  #throwIfInterrupted(): void {
    if (this.#stop.aborted) throw new Failure('cancelled', 'Interrupted: nothing was changed.')
  }
}

function npmProgram(root: string): [string, ...string[]] {
  try {
    const pjson = createRequire(join(root, 'package.json')).resolve('npm/package.json')
    return [process.execPath, join(dirname(pjson), 'bin/npm-cli.js')]
  } catch {
    return ['npm']
  }
}

function parse(stdout: string): unknown {
  try {
    return JSON.parse(stdout)
  } catch {
    return undefined
  }
}

function npmError(answer: unknown, text: string): NpmError {
  const {error} = (answer ?? {}) as {error?: {code?: string | number; summary?: string; detail?: string}}
  return new NpmError(String(error?.code ?? 'unknown'), error?.summary ?? text, error?.detail ?? '')
}

const COMMON_FLAGS = ['--json', '--loglevel=silent', '--global=false', '--no-update-notifier']
const INSTALL_FLAGS = ['--save-exact', '--omit=dev', '--package-lock=true', '--no-audit', '--no-fund']
const VIEW_TIMEOUT_MS = 15_000
const DOWNLOAD_TIMEOUT_MS = 30_000
const KILL_AFTER_MS = 2000
