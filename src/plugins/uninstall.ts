import {rm} from 'node:fs/promises'
import type {Config} from '@oclif/core'
import {commands} from '@oclif/plugin-plugins'
import {Failure} from 'clinvk-kit/errors/failure'
import type {IO} from 'clinvk-kit/io'
import {packageRoot} from './plugin-package.js'
import {changePlugins} from './staging.js'
import {recordTrust} from './trust-record.js'

/** Runs oclif's own command on a staging directory. Also removes what npm cannot, because it is damaged. */
export async function uninstallPlugins(names: readonly string[], config: Config, io: IO): Promise<void> {
  const {stop} = io.interrupts()
  await changePlugins(config.dataDir, async ({copyCurrent, directory}) => {
    await copyCurrent()
    const staged = Object.create(config, {dataDir: {value: directory}}) as Config
    await new commands['plugins:uninstall']([...names], staged).run()
    if (stop.aborted) throw new Failure('cancelled', 'Interrupted: nothing was changed.')
    for (const name of names) {
      await rm(packageRoot(directory, name), {recursive: true, force: true})
      await recordTrust(directory, {[name]: undefined})
    }
  })
}
