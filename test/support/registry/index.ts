import {once} from 'node:events'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {lockedPackages} from './locked-packages.js'
import {ownPackages} from './own-packages.js'
import type {PublishedPackage} from './published-package.js'
import {packument, tarballName} from './packument.js'

/** An npm registry of this machine alone. */
export interface Registry {
  readonly url: string
  /** What it has of this name; the newest last. */
  has(name: string): readonly PublishedPackage[]
  publish(...packages: readonly PublishedPackage[]): void
  /** From now on nothing listens at its address. */
  goDown(): Promise<void>
  /** From now on it takes requests, and answers none, or none for tarballs. */
  fallSilent(about?: 'tarballs'): void
  /** Resolves as soon as it has been silent to somebody. */
  heardInSilence(): Promise<void>
  /** Answers again. */
  comeBack(): Promise<void>
  /** Answers every request, or every one for a tarball, with this status, until it comes back. */
  refuseWith(status: number, about?: 'tarballs'): void
  close(): Promise<void>
}

/**
 * An npm registry on the loopback that has published what stands in this
 * checkout: our packages, as `npm pack` makes them, and what they depend on.
 */
export function startRegistry(): Promise<Registry> {
  return serveRegistry([...ownPackages(), ...lockedPackages()])
}

/** An npm registry on the loopback with these packages. A later version of one is its newer version. */
export async function serveRegistry(packages: readonly PublishedPackage[] = []): Promise<Registry> {
  const published = [...packages]
  let silence: RegExp | undefined
  let heard: () => void
  let hearing = new Promise<void>((resolve) => (heard = resolve))
  let fault: {status: number; urls: RegExp} | undefined
  const server = createServer((request, response) => {
    if (silence?.test(request.url!)) {
      heard()
      return
    }

    if (fault?.urls.test(request.url!)) {
      response.writeHead(fault.status, {'content-type': 'application/json'}).end('{}')
      return
    }

    answer(request, byName(published)).then(
      (body) => send(response, body),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }

  const close = async () => {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }

  await listen(0)
  const {port} = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    has: (name) => published.filter((one) => one.name === name),
    publish: (...more) => published.push(...more),
    goDown: close,
    fallSilent(about) {
      silence = urls(about)
      hearing = new Promise((resolve) => (heard = resolve))
    },
    heardInSilence: async () => hearing,
    async comeBack() {
      fault = undefined
      silence = undefined
      if (!server.listening) await listen(port)
    },
    refuseWith: (status, about) => (fault = {status, urls: urls(about)}),
    close,
  }
}

function urls(about?: 'tarballs'): RegExp {
  return about === 'tarballs' ? /\.tgz$/ : /^/
}

type Packages = ReadonlyMap<string, readonly PublishedPackage[]>

function byName(packages: readonly PublishedPackage[]): Packages {
  const names = new Map<string, PublishedPackage[]>()
  for (const one of packages) names.set(one.name, [...(names.get(one.name) ?? []), one])
  return names
}

/** A tarball, or what is known of a package (`/name` or `/@scope%2fname`); undefined when there is no such thing. */
async function answer(
  {headers, url}: IncomingMessage,
  packages: Packages,
): Promise<Buffer | object | undefined> {
  const [name, file] = decodeURIComponent(url!.slice(1)).split('/-/')
  const versions = packages.get(name!)
  if (file === undefined) return versions && packument(versions, `http://${headers.host!}`)
  return versions?.find((one) => tarballName(one) === file)?.tarball()
}

function send(response: ServerResponse, body: Buffer | object | undefined): void {
  if (Buffer.isBuffer(body)) response.setHeader('content-type', 'application/octet-stream').end(body)
  else
    response.writeHead(body ? 200 : 404, {'content-type': 'application/json'}).end(JSON.stringify(body ?? {}))
}
