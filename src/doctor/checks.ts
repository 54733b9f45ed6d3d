import type {Interfaces} from '@oclif/core'
import type {Check} from 'clinvk-kit/doctor'
import {agentsCheck} from './agents.js'
import {completionCheck} from './completion.js'
import type {DoctorContext} from './context.js'
import {homeCheck} from './home.js'
import {installationCheck} from './installation.js'
import {nodeCheck} from './node.js'
import {pluginsCheck} from './plugins.js'
import {settingsCheck} from './settings.js'

/** All checks: ours, then those of plugins. A plugin whose hook breaks is a check that fails. */
export async function allChecks(context: DoctorContext): Promise<Check[]> {
  const own = [
    installationCheck,
    nodeCheck,
    settingsCheck,
    pluginsCheck,
    agentsCheck,
    homeCheck,
    completionCheck,
  ]
  const {config, env} = context
  // oclif's own time limit does not keep Node alive: a hook that hangs would end the process in the middle.
  const awake = setTimeout(() => undefined, 2 * HOOK_MS)
  const {failures, successes} = await config.runHook<'doctor', DoctorHook>('doctor', {env}, HOOK_MS, true)
  clearTimeout(awake)
  return [
    ...own.map((check) => check(context)),
    ...successes.flatMap(({result}) => result),
    ...failures.map(({error, plugin}): Check => ({
      name: plugin.name,
      run: () => [{state: 'problem', message: `${plugin.name} failed on doctor: ${error.message}`}],
    })),
  ]
}

interface DoctorHook extends Interfaces.Hooks {
  doctor: {options: {env: DoctorContext['env']}; return: Check[]}
}

const HOOK_MS = 5000
