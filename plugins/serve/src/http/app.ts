import {Hono, type MiddlewareHandler} from 'hono'
import {vendorDoors} from '../conversation/doors.js'
import {ServerFailure} from '../core/errors.js'
import {mcpDoor} from '../mcp/http.js'
import {restDoor} from '../rest/rest.js'
import {cors} from './cors.js'
import type {Door, MakeDoor, ServeEnv} from './door.js'
import {failed} from './failed.js'
import {gate, type GateOptions} from './gate.js'
import {logged, type LogOptions} from './log.js'

/** All doors, with the path below which each is mounted. */
const DOORS: readonly (readonly [string, MakeDoor])[] = [
  ['/mcp', mcpDoor],
  ['/', restDoor],
  ['/', vendorDoors],
]

/** The whole server but for its socket: `app.fetch` answers a request. */
export function makeApp(door: Door, options: GateOptions & LogOptions): Hono<ServeEnv> {
  const app = new Hono<ServeEnv>()
  app.use('*', logged(options), withHeaders, cors(options.allowedOrigins), gate(options))
  for (const [path, make] of DOORS) app.route(path, make(door))
  app.notFound((c) => {
    throw new ServerFailure('not_found', `There is nothing at ${c.req.method} ${c.req.path.slice(0, 200)}.`, [
      'All routes: GET /openapi.json',
    ])
  })
  app.onError((error, c) => {
    const response = failed(c, error)
    if (response.status === 500) options.log(`${error.stack ?? error.message}\n`)
    return response
  })
  return app
}

/** What browsers are told of every answer; and the session of a turn. */
const withHeaders: MiddlewareHandler<ServeEnv> = async (c, next) => {
  await next()
  c.header('x-content-type-options', 'nosniff')
  c.header('referrer-policy', 'no-referrer')
  c.header('cross-origin-resource-policy', 'same-origin')
  c.header('cross-origin-opener-policy', 'same-origin')
  const session = c.get('session')
  if (session !== undefined) c.header('x-clinvk-session', session)
}
