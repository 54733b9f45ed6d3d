import {once} from 'node:events'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {lockedPackages} from './locked-packages.js'
import {packWorkspaces} from './pack-workspaces.js'
import type {PublishedPackage} from './published-package.js'
import {packument, tarballName} from './packument.js'

/** An npm registry of this machine alone. */
export interface Registry {
  readonly url: string
  close(): Promise<void>
}

/**
 * A read-only npm registry on the loopback that has published what stands in
 * this checkout: our packages, as `npm pack` makes them, and what they depend on.
 */
export async function startRegistry(): Promise<Registry> {
  const packages = byName([...(await packWorkspaces()), ...lockedPackages()])
  const server = createServer((request, response) => {
    answer(request, packages).then(
      (body) => send(response, body),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
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
