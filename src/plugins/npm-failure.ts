import {Failure} from 'clinvk-kit/errors/failure'
import {oneLine} from 'clinvk-kit/format/text'

export interface NpmError {
  /** `E404`, `ECONNREFUSED`, `ETARGET`; for git, its exit code as a number. */
  readonly code: string | number
  readonly summary: string
  readonly detail: string
}

/** What a failure of npm means to somebody who wants `what`. */
export function npmFailure(error: NpmError, what: string): Failure {
  const code = String(error.code)
  const text = `${error.summary}\n${error.detail}`
  const [, kind, message, hints = []] = FAILURES.find(
    ([codes, , , , only = /^/]) => codes.test(code) && only.test(text),
  )!
  return new Failure(kind, message({...error, code}, what, text), hints)
}

type Row = [
  codes: RegExp,
  kind: Failure['kind'],
  message: (error: NpmError & {code: string}, what: string, text: string) => string,
  hints?: readonly string[],
  only?: RegExp,
]

/** The first row counts whose codes match, and `only` the text. */
const FAILURES: readonly Row[] = [
  [
    /^128$/,
    'unavailable',
    ({detail}, what) => `The host of ${what} is not reachable: ${gitSays(detail)}`,
    ['Are you online? OWNER/NAME alone means a repository on GitHub.'],
    /could not resolve host|connection (?:refused|timed out)|network is unreachable|unable to connect/i,
  ],
  [/^128$/, 'usage', ({detail}, what) => `git cannot get ${what}: ${gitSays(detail)}`],
  [
    /^(?:ECONN\w+|ENOTFOUND|EAI_\w+|E\w*TIMED?OUT|ERR_SOCKET_TIMEOUT|FETCH_ERROR|E(?:NET|HOST)UNREACH|E5\d\d|\w*CERT\w*|UNABLE_TO_\w+|DEPTH_ZERO\w*|EPROTO)$/,
    'unavailable',
    ({code}, _what, text) => {
      const [, host] = /https?:\/\/([^\s"',/]+)/.exec(text) ?? []
      return `The registry${host === undefined ? '' : ` at ${host}`} is not reachable: ${reason(code, text)}.`
    },
    [
      'Are you online? Behind a proxy, set it: npm config set proxy http://HOST:PORT',
      'Another registry: npm config set registry URL, or CLINVK_NPM_REGISTRY',
    ],
  ],
  [
    /^(?:E401|E403|ENEEDAUTH)$/,
    'auth',
    ({summary}, what) => `The registry denies you ${what}: ${oneLine(summary)}`,
    ['Sign in: npm login, with the --registry that has it'],
  ],
  [/^(?:E404|ETARGET)$/, 'usage', (_error, what, text) => missing(text, what)],
  [
    /^(?:TAR_BAD_ARCHIVE|ZLIB_ERROR|Z_DATA_ERROR|Z_BUF_ERROR|EJSONPARSE)$/,
    'usage',
    (_error, what) => `${what} is not a package: it is not a tarball, or a damaged one.`,
    ['To make one: npm pack'],
  ],
  [
    /^EINTEGRITY$/,
    'refused',
    (_error, what) => `The checksum of ${what} is not the one that the registry lists.`,
    ['Try again. If it happens again, tell the operator of the registry.'],
  ],
  [/^(?:EACCES|EPERM|EROFS)$/, 'unavailable', ({summary}) => `npm lacks a permission: ${oneLine(summary)}`],
  [/^ENOSPC$/, 'unavailable', () => 'There is no space left on the disk.'],
  [
    /^/,
    'unavailable',
    ({code, summary}, what) => `npm could not install ${what}: ${oneLine(summary || code)}`,
  ],
]

function reason(code: string, text: string): string {
  if (/TIMED?OUT/.test(code) || text.includes('network timeout')) return 'it does not answer in time'
  if (/^(?:ENOTFOUND|EAI_)/.test(code)) return 'there is no such host, or no network'
  if (/CERT|UNABLE_TO|DEPTH_ZERO/.test(code)) return `its certificate is not trusted (${code})`
  return code.startsWith('E5') ? `it answers with ${code.slice(1)}` : code
}

/** The package itself is missing, or one of its dependencies. */
function missing(text: string, what: string): string {
  if (what.includes('://')) return `There is nothing at ${what}.`
  const [, name] = /(?:resource '|No matching version found for )(\S+?)(?:'|\.?\s)/.exec(text) ?? []
  if (name === undefined) return `There is no ${what} in the registry.`
  // The version exists: npm has another reason, such as `before` in its configuration.
  if (name.replace(/(?<=.)@.*$/, '') === what) return `npm does not accept ${name}: ${oneLine(text)}`
  return `${what} needs ${name}, which is not in the registry.`
}

function gitSays(detail: string): string {
  const [line = detail] = detail.split('\n').filter((one) => /^(?:fatal|error):/.test(one))
  return oneLine(line.replace(/^(?:fatal|error): /, ''))
}
