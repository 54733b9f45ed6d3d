import {statSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {styleText} from 'node:util'
import type {Config} from '@oclif/core'
import type {CheckResult, CheckState, ConformanceReport} from 'clinvk-conformance/check'
import {backendsOf, unknownBackend} from 'clinvk-kit/backends/discover'
import {Failure} from 'clinvk-kit/errors/failure'
import {oneLine, quoteCommand} from 'clinvk-kit/format/text'
import type {Env, IO} from 'clinvk-kit/io'
import {LiveLine} from '../output/live-line.js'
import {hasColor, Printer} from '../output/printer.js'

export interface TestRequest {
  /** An installed backend, or the directory of a package. */
  readonly backend: string
  readonly fixtures?: string
  readonly live: boolean
  /** Variables of the real agent: `NAME=VALUE`, or `NAME` to pass on the user's. */
  readonly env: readonly string[]
  readonly home?: string
  readonly model?: string
  readonly yes: boolean
}

/** The reports of all backends of a package, or undefined when the user does not want the real agent. */
export async function testBackends(
  request: TestRequest,
  {config, io}: {config: Config; io: IO},
): Promise<{ok: boolean; backends: ConformanceReport[]} | undefined> {
  const {directory, name} = await findPackage(request.backend, config, io.cwd)
  const {namesOf, readBackendPackage} = await import('clinvk-conformance/backend-package')
  const pack = await readBackendPackage(directory)
  const names = name === undefined ? namesOf(pack) : [name]
  if (request.live && !request.yes) {
    const {confirmed} = await import('clinvk-kit/format/ask-yes')
    const what = `about eight short prompts to ${names.join(' and ')}, on the account that --env names`
    if (
      !(await confirmed(
        'send',
        what,
        `${quoteCommand(['clinvk', 'backends', 'test', request.backend])} --live`,
        io,
      ))
    )
      return undefined
  }
  const {testBackend} = await import('clinvk-conformance/test-backend')
  // From here on Ctrl-C cancels, and does not end the process.
  const {stop} = io.interrupts()
  const isAborted = () => stop.aborted
  const inCwd = (path?: string) => (path === undefined ? undefined : resolve(io.cwd, path))
  const backends: ConformanceReport[] = []
  for (const one of names) {
    if (isAborted()) break
    const line = io.stderr.isTTY ? new LiveLine(new Printer(io), one) : undefined
    const options = {stop, onBegin: (title: string) => line?.doing(title)}
    try {
      const report = await testBackend(pack, one, {...options, fixtures: inCwd(request.fixtures)})
      if (request.live && !isAborted()) {
        const {testLive, withLive} = await import('clinvk-conformance/live/test-live')
        const env = variables(request.env, io.env)
        const live = {...options, env, home: inCwd(request.home), model: request.model}
        backends.push(withLive(report, await testLive(pack, one, live)))
      } else backends.push(report)
    } finally {
      line?.end()
    }
  }
  return {ok: backends.length === names.length && backends.every(({ok}) => ok), backends}
}

export function reportText(report: ConformanceReport, {env, stdout}: IO): string {
  const color = hasColor(stdout, env)
  const {backend, checks, counts, fixtures, not_proven: open, plugin, version} = report
  const isLive = report.level === 'live'
  const proof = isLive ? '' : ` With the real agent: clinvk backends test ${backend} --live`
  const lines = [
    `${backend} (${plugin} ${version}), ${fixtures} ${fixtures === 1 ? 'fixture' : 'fixtures'}`,
    '',
    ...checks.flatMap((check) => linesOf(check, color)),
    '',
    `${checks.length} checks: ${counts.ok} ok, ${counts.failed} failed, ${counts.not_applicable} not applicable (${report.duration_seconds.toFixed(1)}s).`,
    ...(open.length > 0 ? [`Not proven${isLive ? '' : ' here'}: ${open.join(', ')}.${proof}`] : []),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function linesOf(
  {expected = '', fix, found = '', id, reason, state, title}: CheckResult,
  color: boolean,
): string[] {
  const [word, style] = LABELS[state]
  const first = `${color ? styleText(style, word) : word}  ${title}`
  if (state === 'ok') return [first]
  if (state === 'not_applicable') return [first, `        ${reason}`]
  return [
    `${first} [${id}]`,
    `        expected: ${oneLine(expected)}`,
    `        found:    ${oneLine(found)}`,
    `        to do:    ${fix}`,
  ]
}

/** The package of a backend; without a name, all backends of the package are meant. */
async function findPackage(
  wanted: string,
  config: Config,
  cwd: string,
): Promise<{directory: string; name?: string}> {
  const {backends, problems} = await backendsOf(config)
  const isPath = /[/\\]|^\.{1,2}$/.test(wanted)
  const installed = isPath ? undefined : backends.get(wanted)
  if (installed) return {directory: installed.root, name: wanted}
  const directory = resolve(cwd, wanted)
  if (isPath || statSync(join(directory, 'package.json'), {throwIfNoEntry: false})?.isFile())
    return {directory}
  // A backend whose descriptor clinvk cannot use is installed, too.
  const broken = config.getPluginsList().find(({name}) => name === `clinvk-backend-${wanted}`)
  if (broken) return {directory: broken.root}
  const {hints, message} = unknownBackend(wanted, backends)
  throw new Failure('unavailable', message, [
    ...hints,
    `Before it is installed, name its directory: ${quoteCommand(['clinvk', 'backends', 'test', `./clinvk-backend-${wanted}`])}`,
    ...problems,
  ])
}

/** `NAME=value` as given, `NAME` from the user's environment. */
function variables(words: readonly string[], env: Env): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name, , value = env[name ?? '']] = /^([A-Za-z_]\w*)(=([^]*))?$/.exec(word) ?? []
      if (name === undefined)
        throw new Failure('usage', `--env ${word} is not a variable.`, ['Give NAME=VALUE, or NAME alone.'])
      if (value === undefined)
        throw new Failure('usage', `--env ${name}: this shell has no such variable.`, [
          `Give it a value: --env ${name}=VALUE`,
        ])
      return [name, value]
    }),
  )
}

const LABELS: Record<CheckState, readonly [label: string, color: 'green' | 'red' | 'dim']> = {
  ok: ['ok    ', 'green'],
  failed: ['failed', 'red'],
  not_applicable: ['–     ', 'dim'],
}
