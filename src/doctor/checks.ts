import type {Check} from 'clinvk-kit/hooks/doctor'
import {agentsCheck} from './agents.js'
import {completionCheck} from './completion.js'
import type {DoctorContext} from './context.js'
import {homeCheck} from './home.js'
import {installationCheck, nodeCheck} from './installation.js'
import {pluginChecks} from './plugin-checks.js'
import {pluginsCheck} from './plugins.js'
import {settingsCheck} from './settings.js'

/** All checks: ours, then those of plugins. */
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
  return [...own.map((check) => check(context)), ...(await pluginChecks(context.config, context.env))]
}
