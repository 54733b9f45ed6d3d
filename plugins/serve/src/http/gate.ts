import type {Context, MiddlewareHandler} from 'hono'
import {ServerFailure} from '../core/errors.js'
import type {ServeSettings} from '../core/settings.js'
import {tokenCheck, tokenId} from '../core/token.js'
import type {ServeEnv} from './door.js'

type GateSettings = Pick<ServeSettings, 'allowed_origins' | 'trusted_proxies'>

/**
 * Lets nobody through who has no token, before it is known whether there is such a path, and no page of another site.
 * Comes after the check of `Host` (`host.ts`). Without a `token` everybody on this machine may do everything (`--no-token`).
 */
export function gate(
  settings: GateSettings,
  token: string | undefined,
  now: () => number,
): MiddlewareHandler<ServeEnv> {
  const isRight = token === undefined ? () => true : tokenCheck(token)
  const id = token === undefined ? 'anonymous' : tokenId(token)
  const isLockedOut = lockOut(now)
  return async (c, next) => {
    const origin = c.req.header('origin')
    if (origin !== undefined && !isOwn(origin, c) && !settings.allowed_origins.includes(origin))
      throw new ServerFailure('origin', `Pages of ${origin.slice(0, 200)} may not call this server.`, [
        'Allow them: clinvk serve --allowed-origin ORIGIN',
      ])
    const sent = sentToken(c)
    const site = c.req.header('sec-fetch-site')
    // What a page of another site can make a browser send by itself: a cookie, an image, a form.
    if (sent === undefined && (site === 'cross-site' || site === 'same-site'))
      throw new ServerFailure('origin', 'Pages of other sites may not call this server.')

    const isOpen = c.req.path === '/health' && c.req.method === 'GET'
    if (!isRight(sent ?? '') && !isOpen) {
      if (isLockedOut(addressOf(c, settings)))
        throw new ServerFailure('locked_out', 'Too many requests without the right token.', [
          'Wait a minute. See the token: clinvk serve --print-token',
        ])
      throw new ServerFailure('token', 'This server needs its token: Authorization: Bearer TOKEN', [
        'See it: clinvk serve --print-token',
      ])
    }

    const gone = new AbortController()
    const leave = () => gone.abort('SIGTERM')
    const {outgoing} = c.env
    if (outgoing) outgoing.once('close', () => outgoing.writableFinished || leave())
    else c.req.raw.signal.addEventListener('abort', leave, {once: true})
    // Programs that share the token do not wait for each other's requests.
    const lane = [id, addressOf(c, settings), c.req.header('user-agent') ?? ''].join(' ')
    c.set('client', {id, lane, gone: gone.signal})
    await next()
  }
}

/** Whether the page is of this server. Behind a proxy that ends TLS it is https. */
function isOwn(origin: string, c: Context): boolean {
  return ['http', 'https'].some((scheme) => origin === `${scheme}://${c.req.header('host')}`)
}

function sentToken(c: Context): string | undefined {
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '') ?? []
  return bearer ?? c.req.header('x-api-key')
}

/** The client's own: a proxy's is believed only where it was named. */
function addressOf(c: Context<ServeEnv>, {trusted_proxies: trustedProxies}: GateSettings): string {
  const {incoming} = c.env
  const address = (incoming?.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  if (!trustedProxies.includes(address)) return address
  const forwarded = (c.req.header('x-forwarded-for') ?? '').split(',').map((one) => one.trim())
  return forwarded.findLast((one) => one !== '' && !trustedProxies.includes(one)) ?? address
}

/** Tells of each request without the right token whether its address has sent too many of them in this minute. */
function lockOut(now: () => number): (address: string) => boolean {
  const counts = new Map<string, number>()
  let minute = 0
  return (address) => {
    const current = Math.floor(now() / 60_000)
    if (current !== minute || counts.size > MOST_ADDRESSES) counts.clear()
    minute = current
    const count = (counts.get(address) ?? 0) + 1
    counts.set(address, count)
    return count > MOST_FAILURES
  }
}

const MOST_FAILURES = 20
const MOST_ADDRESSES = 10_000
