import {backendsOf, type BackendEntry} from 'clinvk-kit/backends/discover'
import type {Candidate} from 'clinvk-kit/hooks/complete'
import {oneLine} from 'clinvk-kit/format/text'
import {KNOWN_SETTINGS, type KnownSetting} from 'clinvk-kit/settings/generated'
import {APPROVAL, backends, modelsOf, modes, SANDBOX} from './backend-values.js'
import type {Asked} from './values.js'

/** What `config set` takes. */
export function settingKeys({config}: Asked): Candidate[] {
  return settingsOf(config).map(({description, key}) => ({value: key, description}))
}

/** What `config get` takes: settings, and the sections that they stand in. */
export function keysAndSections(asked: Asked): Candidate[] {
  const keys = settingKeys(asked)
  const sections = new Set(
    keys.flatMap(({value}) => {
      const path = value.split('.').slice(0, -1)
      return path.map((_, index) => path.slice(0, index + 1).join('.'))
    }),
  )
  return [...keys, ...[...sections].map((value) => ({value, description: 'all settings in it'}))]
}

/** What the setting that was named before can be. */
export function settingValues({config, line}: Asked): Candidate[] {
  const [key = ''] = line.args
  if (key === 'default_backend') return backends({config})
  const [section, name = '', own] = key.split('.')
  const backend = section === 'backends' ? backendsOf(config).backends.get(name) : undefined
  if (backend && own === 'model') return modelsOf(backend)
  if (backend && own === 'approval_mode')
    return modes(undefined, APPROVAL, backend.descriptor.capabilities.approval)
  if (backend && own === 'sandbox_mode')
    return modes(undefined, SANDBOX, backend.descriptor.capabilities.sandbox)
  const {values = []} = settingsOf(config).find((setting) => setting.key === key) ?? {}
  return values.map((value) => ({value}))
}

/** Those of every installed backend stand by its name, its own options among them. */
function settingsOf(config: Asked['config']): KnownSetting[] {
  const known = [...backendsOf(config).backends.values()]
  return KNOWN_SETTINGS.flatMap((setting) =>
    setting.key.startsWith(OF_BACKEND)
      ? known.map(({name}) => ({...setting, key: setting.key.replace('<name>', name)}))
      : [setting],
  ).concat(known.flatMap((backend) => optionsOf(backend)))
}

function optionsOf({descriptor, name}: BackendEntry): KnownSetting[] {
  return Object.entries(descriptor.options ?? {}).map(([key, {description, type, values}]) => ({
    key: `backends.${name}.${key}`,
    description: oneLine(description),
    ...(values ? {values} : type === 'boolean' ? {values: ['true', 'false']} : {}),
  }))
}

const OF_BACKEND = 'backends.<name>.'
