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
    const people = one.publisher === undefined ? {} : {_npmUser: person(one), maintainers: [person(one)]}
    return [one.version, {...one.manifest, ...people, dist}] as const
  })
  const newest = versions.at(-1)!
  return {
    name: newest.name,
    ...(newest.publisher === undefined ? {} : {maintainers: [person(newest)]}),
    'dist-tags': Object.fromEntries(versions.map(({tag = 'latest', version}) => [tag, version])),
    time: Object.fromEntries(versions.map(({version}) => [version, PUBLISHED_AT])),
    versions: Object.fromEntries(await Promise.all(told)),
  }
}

export function tarballName({name, version}: PublishedPackage): string {
  return `${name.split('/').at(-1)!}-${version}.tgz`
}

function person({publisher}: PublishedPackage): object {
  return {name: publisher, email: `${publisher!}@example.org`}
}

const PUBLISHED_AT = '2026-03-04T05:06:07.000Z'
