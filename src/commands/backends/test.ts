import {resolve} from 'node:path'
import {Args, Command, Flags} from '@oclif/core'
import type {BackendPackage} from 'clinvk-conformance/backend-package'
import type {ConformanceReport} from 'clinvk-conformance/report'
import {currentDirectory} from 'clinvk-kit/files/current-directory'
import {Failure} from 'clinvk-kit/errors/failure'
import {exitCode} from 'clinvk-kit/errors/outcome'
import {type Interrupts, listenForInterrupts} from 'clinvk-kit/turn/interrupts'
import {environmentOfWords} from '../../conformance/environment-of-words.js'
import {findPackage} from '../../conformance/find-package.js'

export default class BackendsTest extends Command {
  static override summary =
    'Prove a backend right: with recorded runs of its agent, or with the agent itself.'
  static override description =
    'Replays the transcripts in the fixtures of its package, damages them in every way that happens, and checks what the backend makes of it. Spends nothing and needs no agent. With --live the real agent runs, against the endpoint that --env names; only that proves resume, ephemeral, sandbox and cancel.\nExits with 0 when no check failed, 1 when one did, 2 when there is no such backend, 3 when the fixtures cannot be read.'

  static override examples = [
    '<%= config.bin %> backends test ./clinvk-backend-x',
    '<%= config.bin %> backends test claude',
    '<%= config.bin %> backends test x --json | jq -r ".backends[].checks[] | select(.state == \\"failed\\") | .id"',
    '<%= config.bin %> backends test x --live --env X_API_KEY --env X_BASE_URL=http://127.0.0.1:8080 --yes',
  ]

  static override args = {
    backend: Args.string({
      description: 'An installed backend, or the directory of its package.',
      required: true,
      ignoreStdin: true,
    }),
  }

  static override flags = {
    fixtures: Flags.string({
      description: 'Where the transcripts are. Default: fixtures, in the package.',
      helpValue: 'DIR',
    }),
    json: Flags.boolean({description: 'Print JSON.'}),
    live: Flags.boolean({description: 'Try the real agent as well. Spends something, after asking.'}),
    env: Flags.string({
      description: 'A variable for the agent; without a value, the one of this shell. Can be repeated.',
      helpValue: 'NAME[=VALUE]',
      multiple: true,
      multipleNonGreedy: true,
      dependsOn: ['live'],
    }),
    home: Flags.string({
      description: 'The home directory of the agent. Default: an empty one, removed afterwards.',
      helpValue: 'DIR',
      dependsOn: ['live'],
    }),
    model: Flags.string({
      char: 'm',
      description: 'The model of the agent.',
      helpValue: 'MODEL',
      dependsOn: ['live'],
    }),
    yes: Flags.boolean({char: 'y', description: 'With --live: do not ask.', dependsOn: ['live']}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(BackendsTest)
    const cwd = currentDirectory()
    const {backend, directory} = findPackage(args.backend, {config: this.config, cwd})
    const {readBackendPackage} = await import('clinvk-conformance/backend-package')
    const {namesOf} = await import('clinvk-conformance/test-backend')
    const pack = await readBackendPackage(directory)
    const names = backend === undefined ? namesOf(pack) : [backend]
    if (flags.live && !flags.yes && !(await this.#mayAsk(names, args.backend))) return

    const interrupts = listenForInterrupts()
    const {progress} = await import('../../conformance/progress.js')
    const reports: ConformanceReport[] = []
    for (const name of names) {
      if (interrupts.stop.aborted) break
      const line = progress(process.stderr, name)
      try {
        reports.push(await this.#test(pack, name, {cwd, flags, interrupts, onBegin: line.begin}))
      } finally {
        line.end()
      }
    }

    const isWell = reports.length === names.length && reports.every(({ok}) => ok)
    if (flags.json) {
      process.stdout.write(`${JSON.stringify({ok: isWell, backends: reports}, undefined, 2)}\n`)
    } else {
      const {reportText} = await import('../../conformance/report-text.js')
      process.stdout.write(reports.map((report) => reportText(report, process.stdout)).join('\n'))
    }

    if (interrupts.stop.aborted) {
      process.stderr.write('Cancelled.\n')
      process.exitCode = exitCode('cancelled', String(interrupts.stop.reason))
    } else if (!isWell) process.exitCode = 1
  }

  async #test(pack: BackendPackage, name: string, {cwd, flags, interrupts: {stop}, onBegin}: Wish) {
    const {testBackend} = await import('clinvk-conformance/test-backend')
    const fixtures = flags.fixtures === undefined ? {} : {fixtures: resolve(cwd, flags.fixtures)}
    const report = await testBackend(pack, name, {...fixtures, stop, onBegin})
    if (!flags.live || stop.aborted) return report
    const {testLive, withLive} = await import('clinvk-conformance/live/test-live')
    const live = await testLive(pack, name, {
      env: environmentOfWords(flags.env ?? [], process.env),
      stop,
      onBegin,
      ...(flags.home === undefined ? {} : {home: resolve(cwd, flags.home)}),
      ...(flags.model === undefined ? {} : {model: flags.model}),
    })
    return withLive(report, live)
  }

  /** Whether the user agrees to spend something. Throws a Failure where nobody can be asked. */
  async #mayAsk(names: readonly string[], typed: string): Promise<boolean> {
    const what = `about eight short prompts to ${names.join(' and ')}`
    if (!process.stdin.isTTY) {
      throw new Failure('usage', `This would send ${what}, on the account that --env names.`, [
        `Without a terminal, say so: clinvk backends test ${typed} --live --yes`,
      ])
    }

    const {askYes} = await import('../../output/ask-yes.js')
    if (await askYes(`This sends ${what}, on the account that --env names. Go on?`, process)) return true
    process.stderr.write('Nothing was sent.\n')
    return false
  }
}

interface Wish {
  readonly cwd: string
  readonly flags: {
    readonly fixtures?: string | undefined
    readonly live: boolean
    readonly env?: string[] | undefined
    readonly home?: string | undefined
    readonly model?: string | undefined
  }
  readonly interrupts: Interrupts
  readonly onBegin: (title: string) => void
}
