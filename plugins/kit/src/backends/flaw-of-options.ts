import {isRecord, isText, quoted} from './shapes.js'

/** What is wrong with the `options` of a descriptor. */
export function flawOfOptions(options: unknown): string | undefined {
  if (options === undefined) return undefined
  if (!isRecord(options)) return '`options` is no object'
  for (const [name, option] of Object.entries(options)) {
    if (!/^[a-z][a-z0-9_]{0,63}$/.test(name) || name === 'constructor' || OPTIONS_OF_ALL.has(name))
      return `${quoted(name)} is no name for an option`
    if (!isRecord(option) || !OPTION_TYPES.has(option.type))
      return `the option ${name} has no \`type\` that clinvk knows`
    if (!isText(option.description)) return `the option ${name} lacks \`description\``
    const {values} = option
    if (
      values !== undefined &&
      !(Array.isArray(values) && values.length > 0 && values.every((value) => isText(value)))
    )
      return `the \`values\` of the option ${name} are no list of texts`
  }

  return undefined
}

const OPTION_TYPES: ReadonlySet<unknown> = new Set(['string', 'boolean', 'integer', 'list'])
/** What every backend may be told (`settings/schema.ts`). */
const OPTIONS_OF_ALL: ReadonlySet<string> = new Set([
  'enabled', 'model', 'approval_mode', 'sandbox_mode', 'allowed_tools', 'system_prompt', 'extra_flags',
]) // prettier-ignore
