import {existsSync, statSync} from 'node:fs'
import {resolve} from 'node:path'
import {Failure} from 'clinvk-kit/failure'
import {messageOf} from 'clinvk-kit/message-of'
import npa from 'npm-package-arg'
import {officialPackage} from './official.js'

/** What a user asks to install. */
export type Wanted =
  /** `wish` is a version, a range or a tag. */
  | {readonly kind: 'registry'; readonly name: string; readonly wish: string}
  /** `spec` is what npm is given: an absolute path, or an address. */
  | {readonly kind: 'tarball' | 'url' | 'git'; readonly spec: string}

/**
 * Reads one word of `clinvk plugins install`, as npm does, but for two things:
 * the short name of an official package means that package, and a folder is
 * not taken (npm would link it). Throws a Failure of kind `usage`.
 */
export function parseWanted(text: string, cwd: string): Wanted {
  const [, shortName, version = ''] = /^([a-z][a-z0-9-]*)(@.+)?$/.exec(text) ?? []
  const official = shortName === undefined ? undefined : officialPackage(shortName)
  const parsed = parse(official === undefined ? text : `${official}${version}`, cwd)
  switch (parsed.type) {
    case 'version':
    case 'range':
    case 'tag': {
      const wish = parsed.fetchSpec
      return {kind: 'registry', name: parsed.name!, wish: wish === null || wish === '*' ? 'latest' : wish}
    }

    case 'file':
    case 'directory':
      return tarball(parsed.fetchSpec!, text)
    case 'remote':
      return {kind: 'url', spec: parsed.saveSpec!}
    case 'git': {
      // `packages/x.tgz` and `work/plugin` read like repositories of GitHub.
      const path = resolve(cwd, text)
      return !text.includes(':') && existsSync(path) ? tarball(path, text) : {kind: 'git', spec: text}
    }

    default:
      throw new Failure('usage', `${text} is not something that can be installed.`, [WAYS])
  }
}

function parse(text: string, cwd: string): npa.Result {
  try {
    return npa(text, cwd)
  } catch (error) {
    throw new Failure(
      'usage',
      `${text} is neither the name of a package nor an address: ${messageOf(error)}`,
      [WAYS],
    )
  }
}

function tarball(path: string, text: string): Wanted {
  const found = statSync(path, {throwIfNoEntry: false})
  if (!found) throw new Failure('usage', `There is no file ${path}.`)
  if (found.isDirectory()) {
    throw new Failure('usage', `${text} is a folder.`, [
      `To use it as it stands there: clinvk plugins link ${text}`,
      `To install a copy: npm pack ${text}, then clinvk plugins install ./NAME-VERSION.tgz`,
    ])
  }

  return {kind: 'tarball', spec: path}
}

const WAYS =
  'It may be a package (clinvk-backend-x, @scope/x, x@1.2.3), a tarball (./x.tgz), or a git address (git+https://...).'
