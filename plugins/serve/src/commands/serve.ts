import type {AddressInfo} from 'node:net'
import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {Failure} from 'clinvk-kit/errors/failure'
import {duration} from 'clinvk-kit/flags'
import {askClinvk} from '../core/clinvk.js'
import {TurnRunner} from '../core/turn-runner.js'
import {type ServeSettings, serveSettings} from '../core/settings.js'
import {type Token, tokenOf} from '../core/token.js'
import {makeApp} from '../http/app.js'
import {isLoopback} from '../http/host.js'
import {listen} from '../http/listen.js'
import {untilShutDown} from '../http/shutdown.js'

const repeatable = (description: string, helpValue: string) =>
  Flags.string({
    description: `${description} Repeatable.`,
    helpValue,
    multiple: true,
    multipleNonGreedy: true,
  })

export default class Serve extends ClinvkCommand {
  static override summary = 'Serve clinvk over HTTP.'
  static override description = `Programs on this machine can then use your agents: by a REST API below /api/v1, which /openapi.json describes, and as OpenAI and Anthropic do, below /openai/v1 and /anthropic.

Each request needs the token, which is made at the first start: Authorization: Bearer TOKEN, or x-api-key: TOKEN.
Settings: the section server of config.yaml. SIGTERM and Ctrl-C end the server once its turns are done, after --grace at the latest; a second one ends them at once. Exit code: 0, or 5 where it cannot start.`
  static override examples = [
    'clinvk serve',
    'clinvk serve --port 9000',
    '$ curl -H "Authorization: Bearer $(clinvk serve --print-token)" localhost:8080/api/v1/backends',
    'clinvk serve --host 0.0.0.0 --allowed-host box.example',
  ]
  static override flags = {
    host: Flags.string({
      description: 'Address to listen on. Default: the setting server.host, 127.0.0.1.',
      helpValue: 'ADDRESS',
    }),
    port: Flags.integer({
      char: 'p',
      description: 'Port; 0: any that is free. Default: the setting server.port, 8080.',
      min: 0,
      max: 65_535,
      helpValue: 'N',
    }),
    'token-file': Flags.string({
      description:
        "File with the token. Default: CLINVK_SERVE_TOKEN, else serve/token in clinvk's home, which is made.",
      helpValue: 'FILE',
    }),
    'print-token': Flags.boolean({description: 'Print the token and end.'}),
    'no-token': Flags.boolean({
      description: 'Let in every program on this machine. Only on a loopback address.',
      exclusive: ['token-file', 'print-token'],
    }),
    'allowed-host': repeatable(
      'Name by which clients reach the server, besides localhost and its address.',
      'NAME',
    ),
    'allowed-origin': repeatable(
      'Origin of pages that may call the server, such as https://chat.example.',
      'ORIGIN',
    ),
    'trust-proxy': repeatable('Address of a proxy with TLS whose X-Forwarded-For is believed.', 'ADDRESS'),
    grace: duration({
      description: 'How long turns may run on when the server is to end. Default: 10s.',
      helpValue: 'TIME',
    }),
    log: Flags.option({
      description:
        'What is written to standard error: requests (default), a line for each; or bodies, also what clients send.',
      helpValue: 'requests|bodies',
      options: ['requests', 'bodies'] as const,
    })(),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Serve)
    const clinvk = await askClinvk(this.config)
    const token = (): Token => tokenOf({env: this.io.env, file: flags['token-file'], home: clinvk.kit.home})
    if (flags['print-token']) return this.print(`${token().text}\n`)
    const {settings: all} = await clinvk.kit.lookAround()
    const own = serveSettings(all.server, (message) => this.note(message))
    const settings = {
      ...own,
      host: flags.host ?? own.host,
      port: flags.port ?? own.port,
      allowed_hosts: [...own.allowed_hosts, ...(flags['allowed-host'] ?? [])],
      allowed_origins: [...own.allowed_origins, ...(flags['allowed-origin'] ?? [])],
      trusted_proxies: [...own.trusted_proxies, ...(flags['trust-proxy'] ?? [])],
    }
    const used = flags['no-token'] ? undefined : token()
    this.checkHost(settings, used)

    const runner = new TurnRunner(clinvk, settings, this.io)
    const log = (text: string) => void this.io.stderr.write(text)
    const app = makeApp(
      {clinvk, runner, settings, env: this.io.env},
      {token: used?.text, now: () => this.io.now().getTime(), log, logsBodies: flags.log === 'bodies'},
    )
    // Before the port is open: a signal that comes now ends the server in order, too.
    const interrupts = this.io.interrupts()
    const server = await listen(app, settings, log)
    const {address, family, port} = server.address() as AddressInfo
    this.print(`clinvk serves http://${family === 'IPv6' ? `[${address}]` : address}:${port}\n`)
    if (used) this.print(`Token: in ${used.source}; clinvk serve --print-token prints it.\n`)
    await untilShutDown(server, runner, interrupts, flags.grace ?? 10_000)
  }

  private checkHost({host, trusted_proxies: proxies}: ServeSettings, token: Token | undefined): void {
    if (isLoopback(host)) {
      if (!token)
        this.note('every program on this machine, of any user, can use your agents: there is no token.')
      return
    }
    if (!token)
      throw new Failure(
        'server',
        `Without a token the server listens only on this machine, not on ${host}.`,
        ['Leave out --no-token, or --host.'],
      )
    if (proxies.length === 0)
      this.note(
        `others can reach ${host}, and what is sent, the token too, can be read on the way. Use a proxy with TLS, and name it: --trust-proxy ADDRESS`,
      )
  }
}
