import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Config} from '@oclif/core'
import type {Candidate} from 'clinvk-kit/hooks/complete'
import {oneLine} from 'clinvk-kit/format/text'

/** What the user has installed or linked, also what does not load: that is what one wants to uninstall. */
export async function userPlugins(config: Config): Promise<Candidate[]> {
  const own = config.getPluginsList().filter(({type}) => type !== 'core')
  const names = new Map(own.map(({name, version}) => [name, version]))
  for (const name of await recorded(config.dataDir)) if (!names.has(name)) names.set(name, 'does not load')
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
