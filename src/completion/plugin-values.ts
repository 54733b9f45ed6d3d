import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Config} from '@oclif/core'
import {oneLine} from 'clinvk-kit/format/text'
import type {Candidate} from 'clinvk-kit/hooks/complete'
import {runHook} from 'clinvk-kit/hooks/run-hook'
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
export async function userPlugins(config: Config): Promise<Candidate[]> {
  const names = new Map((await recorded(config.dataDir)).map((name) => [name, 'does not load']))
  for (const {name, type, version} of config.getPluginsList()) if (type !== 'core') names.set(name, version)
  return [...names].map(([value, description]) => ({value, description: oneLine(description)}))
}

/** The same, and what clinvk is made of. */
export async function anyPlugins(config: Config): Promise<Candidate[]> {
  const core = config.getPluginsList().filter(({type}) => type === 'core')
  return [
    ...(await userPlugins(config)),
    ...core.map(({name, version}) => ({value: name, description: version})),
  ]
}

/** As `clinvk plugins` keeps them. */
async function recorded(dataDir: string): Promise<string[]> {
  try {
    const pjson = JSON.parse(await readFile(join(dataDir, 'package.json'), 'utf8')) as {
      oclif?: {plugins?: {name?: unknown}[]}
    }
    return (pjson.oclif?.plugins ?? []).flatMap(({name}) => (typeof name === 'string' ? [name] : []))
  } catch {
    return []
  }
}

function isCandidate(found: unknown): found is Candidate {
  const {description = '', value} = Object(found) as {value?: unknown; description?: unknown}
  return typeof value === 'string' && typeof description === 'string'
}

/** A person waits. */
const HOOK_TIMEOUT_MS = 1500
