import type {MiddlewareHandler} from 'hono'
import {routePath} from 'hono/route'
import type {ServeEnv} from './door.js'

export interface LogOptions {
  /** Takes whole lines. */
  readonly log: (text: string) => void
  /** Also what clients send. */
  readonly logsBodies: boolean
  readonly now: () => number
}

/** One line a request, without query strings and bodies: those hold what the user asks, and keys of careless clients. */
export function logged({log, logsBodies, now}: LogOptions): MiddlewareHandler<ServeEnv> {
  return async (c, next) => {
    const started = now()
    const {incoming, outgoing} = c.env
    const before = incoming?.socket.bytesWritten ?? 0
    if (logsBodies) c.set('logBody', (text) => log(`${text.replaceAll('\n', ' ')}\n`))
    const write = () => {
      const route = routePath(c, -1)
      const session = c.get('session')
      const about = [
        new Date(now()).toISOString(),
        c.req.method,
        // What is no route of ours may hold anything.
        route === '*' || route === '/*' ? '-' : route,
        outgoing?.writableFinished === false ? `${c.res.status} (left)` : c.res.status,
        `${now() - started}ms`,
        ...(session === undefined ? [] : [`session=${session.slice(0, 8)}`]),
        `bytes=${(incoming?.socket.bytesWritten ?? before) - before}`,
      ]
      log(`${about.join(' ')}\n`)
    }
    outgoing?.once('close', write)
    await next()
    if (!outgoing) write()
  }
}
