import {rm} from 'node:fs/promises'
import {join} from 'node:path'
import {isFailure} from 'clinvk-kit/failure'
import {changePlugins} from './change-plugins.js'
import {ownPlugins, type OwnPlugin} from './plugins-file.js'
import {TRUST_FILE} from './trust-record.js'

/** The user's plugins, as far as they can be told; undefined where the list is damaged. */
export async function whatIsLost(dataDir: string): Promise<OwnPlugin[] | undefined> {
  try {
    return await ownPlugins(dataDir)
  } catch (error) {
    if (isFailure(error)) return undefined
    throw error
  }
}

/** Removes all plugins of the user's own, and all that npm has left there. Needs no npm. */
export async function resetPlugins(dataDir: string): Promise<void> {
  await changePlugins(dataDir, async () => {
    for (const name of ['node_modules', 'package.json', 'package-lock.json', TRUST_FILE, 'yarn.lock'])
      await rm(join(dataDir, name), {recursive: true, force: true})
  })
}
