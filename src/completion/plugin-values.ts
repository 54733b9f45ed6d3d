import type {Config} from '@oclif/core'
import {oneLine} from 'clinvk-kit/format/text'
import type {Candidate} from 'clinvk-kit/hooks/complete'
import {runHook} from 'clinvk-kit/hooks/run-hook'
import {readPluginList} from '../plugins/plugin-list.js'
import type {Question} from './values.js'

/** The values of a kind that plugins know. One that fails or takes too long is left out. */
export async function askPlugins(kind: string, question: Question): Promise<readonly Candidate[]> {
  const {beginning, config, env, line} = question
  const {args, command, flags} = line
  const about = {kind, beginning, command: command?.id ?? '', args, flags: Object.fromEntries(flags), env}
  const {answers} = await runHook<unknown>(config, 'complete', about, HOOK_TIMEOUT_MS)
  return answers.flatMap(({answer}) =>
    Array.isArray(answer) ? answer.filter((found) => isCandidate(found)) : [],
  )
}

/** What the user has installed or linked, also what does not load: that is what one wants to uninstall. */
export function userPlugins(config: Config): Candidate[] {
  const {plugins = []} = readPluginList(config.dataDir) ?? {}
  const names = new Map(plugins.map(({name}) => [name, 'does not load']))
  for (const {name, type, version} of config.getPluginsList()) if (type !== 'core') names.set(name, version)
  return [...names].map(([value, description]) => ({value, description: oneLine(description)}))
}

/** The same, and what clinvk is made of. */
export function anyPlugins(config: Config): Candidate[] {
  const core = config.getPluginsList().filter(({type}) => type === 'core')
  return [...userPlugins(config), ...core.map(({name, version}) => ({value: name, description: version}))]
}

function isCandidate(found: unknown): found is Candidate {
  const {description = '', value} = Object(found) as {value?: unknown; description?: unknown}
  return typeof value === 'string' && typeof description === 'string'
}

/** A person waits. */
const HOOK_TIMEOUT_MS = 1500
