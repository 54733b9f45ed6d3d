import {resolve} from 'node:path'
import {installedIn} from 'clinvk-kit/settings/installed'
import {findSettings, isEmpty} from 'clinvk-kit/settings/load'
import {DEFAULTS, type Settings} from 'clinvk-kit/settings/settings'
import type {Asked} from './values.js'

/** The settings that the turn will have; what is wrong with them is left out, and they are the defaults where they cannot be read. */
export async function settingsInForce({config, cwd, env, line: {flags}}: Asked): Promise<Settings> {
  try {
    const installed = installedIn(config)
    const found = await findSettings(
      {
        cwd,
        env,
        file: flags.get('config')?.at(-1),
        project: resolve(cwd, flags.get('workdir')?.at(-1) ?? ''),
        installed,
      },
      false,
    )
    if (isEmpty(found)) return DEFAULTS
    const {resolveSettings} = await import('clinvk-kit/settings/resolve')
    return resolveSettings(found).settings
  } catch {
    return DEFAULTS
  }
}
