import type {Hook} from '@oclif/core'
import {ioOf} from 'clinvk-kit/command'
import {Failure} from 'clinvk-kit/errors/failure'
import type {IO} from 'clinvk-kit/io'
import {loadSettings} from 'clinvk-kit/settings/load'
import {isTrusted} from '../plugins/trust-policy.js'

/** Keeps oclif's own install command, which asks nobody, from installing what the trust policy does not allow. */
const pluginsPreinstall: Hook<'plugins:preinstall'> = async function ({config, ...options}) {
  // Our own command has decided already, and asks the other plugins.
  if ('decided' in options) return
  try {
    await refuseUnknown(options.plugin, ioOf(config))
  } catch (error) {
    // oclif ignores an error without an exit code, and installs.
    throw Object.assign(error as Error, {oclif: {exit: EXIT_REFUSED}})
  }
}

async function refuseUnknown(
  plugin: {type: 'npm'; name: string} | {type: 'repo'; url: string},
  {cwd, env}: IO,
): Promise<void> {
  const {trust} = await loadSettings({cwd, env})
  if (plugin.type === 'npm' && isTrusted(plugin.name, trust)) return
  const what = plugin.type === 'npm' ? plugin.name : plugin.url
  throw new Failure('refused', `${what} is not installed this way, because nobody was asked about it.`, [
    `Install it with: clinvk plugins install ${what}`,
  ])
}

export default pluginsPreinstall

const EXIT_REFUSED = 10
