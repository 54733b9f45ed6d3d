import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import type {Interfaces} from '@oclif/core'
import {Failure} from 'clinvk-kit/errors/failure'
import type {Env} from 'clinvk-kit/io'
import {type NpmError, npmFailure} from './npm-failure.js'

export type Npm = ReturnType<typeof npmOf>

/**
 * The npm that comes with clinvk. Nothing that it prints reaches the user; it answers in JSON. It is ended when `stop`
 * aborts, and runs in `cwd`, so that an `.npmrc` of the user's project has no effect.
 */
export function npmOf(
  {npmRegistry, root}: Pick<Interfaces.Config, 'npmRegistry' | 'root'>,
  env: Env,
  cwd: string,
  stop: AbortSignal,
) {
  const pjson = createRequire(join(root, 'package.json')).resolve('npm/package.json')
  const program = join(dirname(pjson), 'bin/npm-cli.js')
  const registry = npmRegistry === undefined ? [] : [`--registry=${npmRegistry}`]
  const run = async (command: string, words: readonly string[], what: string, directory = cwd) => {
    throwIfInterrupted(stop)
    const {execa} = await import('execa')
    const args = [program, command, ...COMMON_FLAGS, ...registry, ...words]
    const {exitCode, shortMessage, stderr, stdout} = await execa(process.execPath, args, {
      cwd: directory,
      // By default npm waits and retries for more than a minute. What the user has set is kept.
      env: {...(command === 'view' ? VIEW_LIMITS : LIMITS), ...env, GIT_TERMINAL_PROMPT: '0'},
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
      cancelSignal: stop,
      // Ctrl-C reaches npm as well, and npm does not always end after two signals at once.
      forceKillAfterDelay: 2000,
    })
    throwIfInterrupted(stop)
    const answer = parse(stdout)
    if (exitCode === 0) return answer
    const {error} = (answer ?? {}) as {error?: Partial<NpmError>}
    if (command === 'view' && error?.code === 'E404') return undefined
    const text = stderr.trim() || (shortMessage ?? '')
    throw npmFailure({code: 'unknown', summary: text, detail: '', ...error}, what)
  }
  return {
    /** What is published of a package: an object, or a list when several match a range; undefined when nothing. */
    view: (spec: string, what = spec) => run('view', [spec], what),

    /** The name, version and checksum of a tarball. None of its scripts runs. */
    describeTarball: (spec: string) => run('pack', ['--dry-run', '--ignore-scripts', '--', spec], spec),

    install(spec: string, what: string, directory: string, allowScripts: boolean) {
      const scripts = `--ignore-scripts=${String(!allowScripts)}`
      return run('install', [...INSTALL_FLAGS, scripts, '--', spec], what, directory)
    },
  }
}

/** Throws the Failure of a change of plugins that the user has interrupted. */
export function throwIfInterrupted(stop: AbortSignal): void {
  if (stop.aborted) throw new Failure('cancelled', 'Interrupted: nothing was changed.')
}

function parse(stdout: string): unknown {
  try {
    return JSON.parse(stdout)
  } catch {
    return undefined
  }
}

const COMMON_FLAGS = ['--json', '--loglevel=silent', '--global=false', '--no-update-notifier']
const INSTALL_FLAGS = ['--save-exact', '--omit=dev', '--package-lock=true', '--no-audit', '--no-fund']
/** Times in milliseconds. */
const VIEW_LIMITS = {npm_config_fetch_timeout: '15000', npm_config_fetch_retries: '0'}
const LIMITS = {
  npm_config_fetch_timeout: '30000',
  npm_config_fetch_retries: '1',
  npm_config_fetch_retry_mintimeout: '500',
}
