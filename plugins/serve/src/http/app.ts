import {Hono, type MiddlewareHandler} from 'hono'
import {cors} from 'hono/cors'
import {vendorRoutes} from '../conversation/vendors.js'
import {failed, ServerFailure} from '../core/errors.js'
import {answerMcp, MCP} from '../mcp/http.js'
import {dataRoutes} from '../rest/data.js'
import {openApi} from '../rest/openapi.js'
import {turnRoutes} from '../rest/turns.js'
import type {Door, ServeEnv} from './door.js'
import {gate} from './gate.js'
import {logged, type LogOptions} from './log.js'
import {addRoutes, type Route, route} from './route.js'

/** The whole server but for its socket: `app.fetch` answers a request. */
export function makeApp(
  door: Door,
  {token, ...options}: LogOptions & {token: string | undefined},
): Hono<ServeEnv> {
  const {settings} = door
  const app = new Hono<ServeEnv>()
  app.use('*', logged(options), withHeaders, withCors(settings), gate(settings, token, options.now))
  const routes: Route[] = [
    // Without the token, so it tells nothing else.
    route('GET /health', 'Whether the server is there.', {}, () => ({status: 'ok'})),
    route('GET /openapi.json', 'This document.', {}, () => openApi([...routes, MCP], door.clinvk.kit.clinvk)),
    ...turnRoutes(door),
    ...dataRoutes(door),
    ...vendorRoutes(door),
  ]
  addRoutes(app, routes, settings.max_body)
  app.all('/mcp', answerMcp(door))
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

/**
 * Lets pages of these origins, and of no other one, read what is answered, also why they are refused. It lets nobody in:
 * they need the token as everybody does, and never send a cookie. Any header may be sent: those of the vendors' clients
 * differ from version to version.
 */
function withCors({allowed_origins: origins}: Door['settings']): MiddlewareHandler<ServeEnv> {
  const allow = cors({
    origin: origins,
    allowMethods: ['GET', 'POST', 'PATCH', 'DELETE'],
    exposeHeaders: ['retry-after', 'x-clinvk-session', 'x-should-retry'],
    maxAge: 600,
  })
  return (c, next) => (origins.includes(c.req.header('origin') ?? '') ? allow(c, next) : next())
}
