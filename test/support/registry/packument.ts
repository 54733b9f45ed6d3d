import {createHash} from 'node:crypto'
import type {PublishedPackage} from './published-package.js'

/** What a registry tells of a package: its versions, where their tarballs are, and what these must hash to. */
export async function packument(versions: readonly PublishedPackage[], registry: string): Promise<object> {
  const told = versions.map(async (one) => {
    const dist = {
      integrity: `sha512-${createHash('sha512')
        .update(await one.tarball())
        .digest('base64')}`,
      tarball: `${registry}/${one.name}/-/${tarballName(one)}`,
    }
    return [one.version, {...one.manifest, dist}] as const
  })
  const {name, version} = versions.at(-1)!
  return {name, 'dist-tags': {latest: version}, versions: Object.fromEntries(await Promise.all(told))}
}

export function tarballName({name, version}: PublishedPackage): string {
  return `${name.split('/').at(-1)!}-${version}.tgz`
}
