import type {MiddlewareHandler} from 'hono'
import type {ServeEnv} from './door.js'

/**
 * Lets pages of these origins, and of no other one, read what is answered, also why they are refused. It lets nobody in:
 * they need the token as everybody does, and never send a cookie.
 */
export function cors(allowedOrigins: readonly string[]): MiddlewareHandler<ServeEnv> {
  return async (c, next) => {
    const origin = c.req.header('origin')
    if (origin === undefined || !allowedOrigins.includes(origin)) return next()
    if (c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined)
      c.res = c.body(null, 204, preflight(c.req.header('access-control-request-headers')))
    else await next()
    c.header('access-control-allow-origin', origin)
    c.header('access-control-expose-headers', 'retry-after, x-clinvk-session, x-should-retry')
    c.header('vary', 'Origin')
  }
}

/** Any header may be sent: those of the vendors' clients differ from version to version. */
function preflight(headers = ''): Record<string, string> {
  return {
    'access-control-allow-methods': 'GET, POST, PATCH, DELETE',
    'access-control-allow-headers': headers,
    'access-control-max-age': '600',
  }
}
