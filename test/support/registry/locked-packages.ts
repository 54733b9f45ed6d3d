import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, readFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {buffer} from 'node:stream/consumers'
import {ROOT} from '../sandbox.js'
import type {PublishedPackage} from './published-package.js'

interface LockEntry {
  readonly dev?: boolean
  /** Stands in the tarball of the package around it. */
  readonly inBundle?: boolean
  /** One of our workspaces. */
  readonly link?: boolean
}

/**
 * What our packages need of others, by package-lock.json, packed from node_modules; each version once.
 * And `typescript`, which the package of a new backend needs.
 */
export function lockedPackages(): PublishedPackage[] {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockEntry>
  }
  const packages = Object.entries(lock.packages)
    .filter(
      ([path, {dev, inBundle, link}]) =>
        path === 'node_modules/typescript' || (path.includes('node_modules/') && !dev && !inBundle && !link),
    )
    .map(([path]) => join(ROOT, path))
    // What is made for another system is not installed.
    .filter((folder) => existsSync(folder))
    .map((folder) => packageIn(folder))
  return [...new Map(packages.map((one) => [`${one.name}@${one.version}`, one])).values()]
}

function packageIn(folder: string): PublishedPackage {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string
    version: string
    bundleDependencies?: readonly string[]
  }
  let packed: Promise<Buffer> | undefined
  const tarball = () => (packed ??= pack(folder, manifest.bundleDependencies !== undefined))
  return {name: manifest.name, version: manifest.version, manifest, tarball}
}

/** npm takes the one folder at the top of a tarball for the package, whatever its name is. */
async function pack(folder: string, withDependencies: boolean): Promise<Buffer> {
  const name = basename(folder)
  const exclude = withDependencies ? [] : [`--exclude=${name}/node_modules`]
  const tar = spawn('tar', ['-czf', '-', ...exclude, '-C', dirname(folder), name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [content, ended] = await Promise.all([buffer(tar.stdout), once(tar, 'close')])
  const [code] = ended as [number | null]
  if (code !== 0) throw new Error(`tar could not pack ${folder}: exit ${String(code)}`)
  return content
}
