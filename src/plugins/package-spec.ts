import {existsSync, statSync} from 'node:fs'
import {resolve} from 'node:path'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'
import {quoteCommand} from 'clinvk-kit/format/text'
import npa from 'npm-package-arg'
import {officialPackage} from './package-names.js'
import type {InstalledPlugin} from './plugin-list.js'

export type PackageSpec =
  /** `tag` is a tag, a range or a version. */
  | {readonly kind: 'registry'; readonly name: string; readonly tag: string}
  /** `spec` is what npm is given: an absolute path, or an address. */
  | {readonly kind: 'tarball' | 'url' | 'git'; readonly spec: string}

/**
 * Parses one argument of `clinvk plugins install` as npm does, with two exceptions: the short name of an
 * official package means that package, and a directory is refused, which npm would link.
 */
export function parsePackageSpec(text: string, cwd: string): PackageSpec {
  const [, word = '', version = ''] = /^([a-z][a-z0-9-]*)(@.+)?$/.exec(text) ?? []
  const official = officialPackage(word)
  const parsed = parse(official === undefined ? text : `${official}${version}`, cwd)
  switch (parsed.type) {
    case 'version':
    case 'range':
    case 'tag': {
      const tag = parsed.fetchSpec
      return {kind: 'registry', name: parsed.name!, tag: tag === null || tag === '*' ? 'latest' : tag}
    }
    case 'file':
    case 'directory':
      return tarball(parsed.fetchSpec!, text)
    case 'remote':
      return {kind: 'url', spec: parsed.saveSpec!}
    case 'git': {
      // `packages/x.tgz` and `work/plugin` look like repositories of GitHub.
      const path = resolve(cwd, text)
      return !text.includes(':') && existsSync(path) ? tarball(path, text) : {kind: 'git', spec: text}
    }
    default:
      throw new Failure('usage', `${text} cannot be installed.`, [SPECS])
  }
}

/** What was asked for when a plugin was installed. */
export function recordedSpec({name, tag = 'latest', url}: InstalledPlugin): PackageSpec {
  if (url === undefined) return {kind: 'registry', name, tag}
  const {fetchSpec, type} = npa(url)
  if (type === 'file') return {kind: 'tarball', spec: fetchSpec!}
  return {kind: type === 'git' ? 'git' : 'url', spec: url}
}

function parse(text: string, cwd: string): npa.Result {
  try {
    return npa(text, cwd)
  } catch (error) {
    const message = `${text} is neither the name of a package nor an address: ${messageOf(error)}`
    throw new Failure('usage', message, [SPECS])
  }
}

function tarball(path: string, text: string): PackageSpec {
  const found = statSync(path, {throwIfNoEntry: false})
  if (!found) throw new Failure('usage', `There is no file ${path}.`)
  if (!found.isDirectory()) return {kind: 'tarball', spec: path}
  throw new Failure('usage', `${text} is a folder.`, [
    `To use it in place: clinvk plugins link ${quoteCommand([text])}`,
    `To install a copy: npm pack ${quoteCommand([text])}, then clinvk plugins install ./NAME-VERSION.tgz`,
  ])
}

const SPECS =
  'Give a package (clinvk-backend-x, @scope/x, x@1.2.3), a tarball (./x.tgz), or a git address (git+https://...).'
