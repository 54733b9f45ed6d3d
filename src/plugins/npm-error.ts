import {Failure} from 'clinvk-kit/errors/failure'
import {oneLine} from 'clinvk-kit/format/text'

/** What npm reports when it fails. */
export class NpmError extends Error {
  /** `E404`, `ECONNREFUSED`, `ETARGET`; for git, its exit code. */
  readonly code: string
  readonly detail: string

  constructor(code: string, summary: string, detail: string) {
    super(summary)
    this.name = 'NpmError'
    this.code = code
    this.detail = detail
  }
}

/** What an NpmError means to somebody who wants `what`. Any other error is returned as it is. */
export function npmFailure(error: unknown, what: string): unknown {
  if (!isNpmError(error)) return error
  const {code, detail, message} = error
  const told = `${message}\n${detail}`
  const options = {cause: error}
  if (code === '128' && NO_HOST.test(told)) {
    return new Failure('unavailable', `The host of ${what} is not reachable: ${gitSays(detail)}`, [
      'Are you online? OWNER/NAME alone means a repository on GitHub.',
    ])
  }

  if (UNREACHABLE.test(code)) {
    const host = hostIn(told)
    const who = `The registry${host === undefined ? '' : ` at ${host}`}`
    return new Failure(
      'unavailable',
      `${who} is not reachable: ${reason(code, told)}.`,
      [
        'Are you online? Behind a proxy, set it: npm config set proxy http://HOST:PORT',
        'Another registry: npm config set registry URL, or CLINVK_NPM_REGISTRY',
      ],
      options,
    )
  }

  switch (code) {
    case 'E401':
    case 'E403':
    case 'ENEEDAUTH':
      return new Failure('auth', `The registry denies you ${what}: ${oneLine(message)}`, [
        'Sign in: npm login, with the --registry that has it',
      ])
    case 'E404':
    case 'ETARGET':
      return new Failure('usage', missing(told, what), [], options)
    case 'TAR_BAD_ARCHIVE':
    case 'ZLIB_ERROR':
    case 'Z_DATA_ERROR':
    case 'Z_BUF_ERROR':
      return new Failure('usage', `${what} is not a package: it is not a tarball, or a damaged one.`, [
        'To make one: npm pack',
      ])
    case 'EINTEGRITY':
      return new Failure('refused', `The checksum of ${what} is not the one that the registry lists.`, [
        'Try again. If it happens again, tell the operator of the registry.',
      ])
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new Failure('unavailable', `npm lacks a permission: ${oneLine(message)}`)
    case 'ENOSPC':
      return new Failure('unavailable', 'There is no space left on the disk.')
    case '128':
      return new Failure('usage', `git cannot get ${what}: ${gitSays(detail)}`, [], options)
    default:
      return new Failure(
        'unavailable',
        `npm could not install ${what}: ${oneLine(message || code)}`,
        [],
        options,
      )
  }
}

/** Whether the registry has the package, but not the version or tag. */
export function isNoMatch(error: unknown): boolean {
  return isNpmError(error) && error.code === 'E404' && /^No match/.test(error.message)
}

export function isNotFound(error: unknown): boolean {
  return isNpmError(error) && error.code === 'E404'
}

function isNpmError(error: unknown): error is NpmError {
  return error instanceof Error && error.name === 'NpmError'
}

const UNREACHABLE =
  /^(?:ECONN\w+|ENOTFOUND|EAI_\w+|E\w*TIMEDOUT|E\w*TIMEOUT|ERR_SOCKET_TIMEOUT|FETCH_ERROR|ENETUNREACH|EHOSTUNREACH|E5\d\d|\w*CERT\w*|UNABLE_TO_\w+|DEPTH_ZERO\w*|EPROTO)$/

const NO_HOST =
  /could not resolve host|connection (?:refused|timed out)|network is unreachable|unable to connect/i

function hostIn(text: string): string | undefined {
  const [address] = /https?:\/\/[^\s"',]+/.exec(text) ?? []
  return address === undefined ? undefined : new URL(address).host
}

function reason(code: string, told: string): string {
  if (/TIMEOUT|TIMEDOUT/.test(code) || /network timeout/.test(told)) return 'it does not answer in time'
  if (/^(?:ENOTFOUND|EAI_)/.test(code)) return 'there is no such host, or no network'
  if (/CERT|UNABLE_TO|DEPTH_ZERO/.test(code)) return `its certificate is not trusted (${code})`
  return /^E5/.test(code) ? `it answers with ${code.slice(1)}` : code
}

/** It is the package itself that is missing, or one of its dependencies. */
function missing(told: string, what: string): string {
  if (what.includes('://')) return `There is nothing at ${what}.`
  const [, name] = /(?:resource '|No matching version found for )(\S+?)(?:'|\.?\s)/.exec(told) ?? []
  if (name === undefined) return `There is no ${what} in the registry.`
  // The version exists: npm has another reason, such as `before` in its configuration.
  if (name.replace(/(?<=.)@.*$/, '') === what) return `npm does not accept ${name}: ${oneLine(told)}`
  return `${what} needs ${name}, which is not in the registry.`
}

function gitSays(detail: string): string {
  const lines = detail.split('\n').filter((line) => /^(?:fatal|error):/.test(line))
  return oneLine((lines[0] ?? detail).replace(/^(?:fatal|error): /, ''))
}
