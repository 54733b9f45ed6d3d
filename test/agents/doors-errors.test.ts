import assert from 'node:assert/strict'
import type {Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {serveSettings} from '../../plugins/serve/src/core/settings.js'
import {makeApp} from '../../plugins/serve/src/http/app.js'
import type {Door} from '../../plugins/serve/src/http/door.js'
import {listen} from '../../plugins/serve/src/http/listen.js'
import {FakeAgents, type FakeTurn, refusal} from '../support/fake-agents.js'
import {clientAnswers} from '../support/served.js'

/** Anthropic's clients have classes of their own for these. */
const ANTHROPIC = {
  413: 'ContentTooLargeError',
  503: 'ServiceUnavailableError',
  504: 'GatewayTimeoutError',
}

/** Each kind of error as the vendors' own clients meet it: a class that programs catch, and what is wrong. */
describe('an error that a client of a vendor gets', () => {
  const fake = new FakeAgents()
  let server: Server
  before(async () => {
    fake.next = (prompt) => ROWS.find(([what]) => what === prompt)?.[1] ?? {}
    const settings = serveSettings({port: 0, max_request_body_bytes: 4096})
    const door = {clinvk: fake.hooks, runner: fake.runner, settings}
    const log = () => undefined
    const app = makeApp(door as unknown as Door, {token: 'right', now: () => 0, log, logsBodies: false})
    server = await listen(app, settings, log)
  })
  after(() => {
    server.close()
    server.closeAllConnections()
    fake.remove()
  })

  for (const [name, step, special] of [
    ['openai for Node', 'chat', {410: 'APIError', 413: 'APIError'}],
    ['openai for Python', 'chat', {410: 'APIStatusError', 413: 'APIStatusError'}],
    ['anthropic for Node', 'messages', {410: 'APIError', ...ANTHROPIC}],
    ['anthropic for Python', 'messages', {410: 'APIStatusError', ...ANTHROPIC}],
  ] as const) {
    it(`${name}, asking once only`, async () => {
      const {port} = server.address() as AddressInfo
      const place = {url: `http://127.0.0.1:${port}`, apiKey: 'right'}
      const ask = (content: string) => ({
        do: step,
        body: {model: 'echo', messages: [{role: 'user', content}]},
      })
      fake.sent.length = 0
      const got = await clientAnswers(fake, name, {...place, steps: ROWS.map(([what]) => ask(what))})
      assert.deepEqual(
        got.map(({error, status}, index) => [ROWS[index]![0], status, error]),
        ROWS.map(([what, , status, usual]) => [
          what,
          status,
          (special as Record<number, string>)[status] ?? usual,
        ]),
      )
      for (const [index, [what]] of ROWS.entries())
        assert.match(got[index]!.message!, new RegExp(`about ${what}`))
      assert.deepEqual(
        fake.sent.map(({prompt}) => prompt),
        ROWS.map(([what]) => what),
      )

      const [large] = await clientAnswers(fake, name, {...place, steps: [ask('x'.repeat(1024 * 1024))]})
      assert.deepEqual([large!.status, large!.error], [413, special[413]])
      assert.match(large!.message!, /larger than 4096 bytes/)
      const [wrong] = await clientAnswers(fake, name, {...place, apiKey: 'wrong', steps: [ask('hi')]})
      assert.deepEqual([wrong!.status, wrong!.error], [401, 'AuthenticationError'])
      assert.match(wrong!.message!, /needs its token/)
    })
  }
})

type Row = readonly [what: string, turn: FakeTurn, status: number, error: string]

const refused = (what: Parameters<typeof refusal>[0], status: number, error: string): Row => [
  what,
  refusal(what, `about ${what}`),
  status,
  error,
]
/** Its agent had begun. */
const failed = (kind: NonNullable<FakeTurn['error']>['kind'], status: number, error: string): Row => [
  kind,
  {error: {kind, message: `about ${kind}`, resets_at: kind === 'rate_limit' ? LATE : undefined}},
  status,
  error,
]
const LATE = '2099-01-01T00:00:00.000Z'

const ROWS: readonly Row[] = [
  refused('refused', 400, 'BadRequestError'),
  refused('ceiling', 403, 'PermissionDeniedError'),
  refused('session', 404, 'NotFoundError'),
  refused('session_busy', 409, 'ConflictError'),
  refused('session_gone', 410, ''),
  failed('rate_limit', 429, 'RateLimitError'),
  failed('agent', 502, 'InternalServerError'),
  refused('unavailable', 503, 'InternalServerError'),
  failed('auth', 503, 'InternalServerError'),
  failed('timeout', 504, 'InternalServerError'),
]
