import {currentDirectory} from 'clinvk-kit/current-directory'
import {Failure} from 'clinvk-kit/failure'
import {loadSettings} from 'clinvk-kit/settings/load'
import {isTrusted} from '../plugins/judge.js'

/**
 * Keeps anything but our own command from installing what the user has not been
 * asked about: oclif's command asks nothing.
 */
export default async function (options: {plugin?: Asked; candidate?: unknown}): Promise<void> {
  // Our own command has decided already, and told the other plugins what about.
  if (options.candidate !== undefined) return
  try {
    await refuseUnknown(options.plugin ?? {})
  } catch (error) {
    // oclif swallows what carries no exit code, and installs.
    throw Object.assign(error as Error, {oclif: {exit: EXIT_REFUSED}})
  }
}

async function refuseUnknown({name, type, url}: Asked): Promise<void> {
  const {trust} = await loadSettings({cwd: currentDirectory(), env: process.env})
  if (type === 'npm' && name !== undefined && isTrusted(name, trust)) return
  const what = name ?? url ?? 'NAME'
  throw new Failure('refused', `${what} is not installed this way: nobody has been asked about it.`, [
    `Install it with: clinvk plugins install ${what}`,
  ])
}

/** What oclif's own command tells. */
interface Asked {
  readonly type?: 'npm' | 'repo'
  readonly name?: string
  readonly tag?: string
  readonly url?: string
}

const EXIT_REFUSED = 10
