import {backendsOf} from 'clinvk-kit/backends/discover'
import {oneLine} from 'clinvk-kit/format/text'
import type {Candidate} from 'clinvk-kit/hooks/complete'
import {schemaFor} from 'clinvk-kit/settings/schema'
import {namedSettings, type Setting} from 'clinvk-kit/settings/setting'
import {backends, modelsOf, modesOf} from './backend-values.js'
import type {Question} from './values.js'

/** The arguments of `config set`. */
export async function settingKeys({config}: Pick<Question, 'config'>): Promise<Candidate[]> {
  return (await settingsOf(config)).map(({description, path}) => ({
    value: path.join('.'),
    // The first half of a sentence says enough.
    description: oneLine(
      description
        .replaceAll('`', '')
        .replace(/[;:]\s.*/s, '')
        .replace(/\.$/, ''),
    ),
  }))
}

/** The arguments of `config get`: settings, and their sections. */
export async function keysAndSections({config}: Pick<Question, 'config'>): Promise<Candidate[]> {
  const sections = (await settingsOf(config)).flatMap(({path}) =>
    path.slice(1).map((_, at) => path.slice(0, at + 1).join('.')),
  )
  return [
    ...(await settingKeys({config})),
    ...[...new Set(sections)].map((value) => ({value, description: 'all settings of the section'})),
  ]
}

export async function settingValues({config, line}: Question): Promise<Candidate[]> {
  const [key = ''] = line.args
  if (key === 'default_backend') return backends({config})
  const [section, name = '', own] = key.split('.')
  const backend = section === 'backends' ? (await backendsOf(config)).backends.get(name) : undefined
  if (backend && own === 'model') return modelsOf(backend)
  if (backend && own === 'approval_mode') return modesOf(backend, 'approval')
  if (backend && own === 'sandbox_mode') return modesOf(backend, 'sandbox')
  const {choices = []} = (await settingsOf(config)).find(({path}) => path.join('.') === key) ?? {}
  return choices.map((value) => ({value}))
}

async function settingsOf(config: Question['config']): Promise<Setting[]> {
  return namedSettings(schemaFor((await backendsOf(config)).backends))
}
