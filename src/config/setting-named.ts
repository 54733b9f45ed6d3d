import {Failure} from 'clinvk-kit/failure'
import {nearKey} from 'clinvk-kit/settings/check'
import type {schemaFor} from 'clinvk-kit/settings/schema'
import {keysOf, settingAt, type Setting} from 'clinvk-kit/settings/setting'

/** The setting or section that a user means by `session.auto_resume`. Throws a Failure of kind `usage`. */
export function settingNamed(key: string, schema: ReturnType<typeof schemaFor>): Setting {
  const path = key.split('.')
  const found = path.includes('') ? undefined : settingAt(path, schema)
  if (found) return found
  const near = nearKey(path, schema)
  throw new Failure('usage', `There is no setting ${key}.`, [
    ...(near === undefined ? [] : [`Did you mean: ${near}`]),
    `Sections: ${keysOf(schema).join(', ')}. All settings: clinvk config show`,
  ])
}
