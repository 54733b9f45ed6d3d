import type {IncomingMessage} from 'node:http'
import {isIP} from 'node:net'

/**
 * Whether a request is meant for this server, by its name. A page can make its own name point to this machine (DNS
 * rebinding) and is then no other origin for the browser, so this comes before everything else. Addresses cannot be
 * rebound. `bind` is the address that the server listens to; ports are not compared.
 */
export function isForUs(
  {headersDistinct, url = ''}: Pick<IncomingMessage, 'headersDistinct' | 'url'>,
  bind: string,
  allowed: readonly string[],
): boolean {
  const {host: hosts = []} = headersDistinct
  if (hosts.length !== 1 || !isOurs(hosts[0]!, bind, allowed)) return false
  // `GET http://other.example/ HTTP/1.1`
  if (url.startsWith('/') || url === '*') return true
  const [, target] = /^https?:\/\/([^/?#]*)/i.exec(url) ?? []
  return target !== undefined && isOurs(target, bind, allowed)
}

function isOurs(host: string, bind: string, allowed: readonly string[]): boolean {
  const [, bracketed, plain] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(host) ?? []
  const name = (bracketed ?? plain)?.toLowerCase()
  if (name === undefined) return false
  const version = isIP(name)
  if (version !== (bracketed === undefined ? 4 : 6))
    return plain !== undefined && version === 0 && (name === 'localhost' || allowed.includes(name))
  return ANY.has(bind) || name === bind || allowed.includes(name)
}

/** Listens on all addresses. */
const ANY: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** Whether only this machine can reach an address, or the name that stands for it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
