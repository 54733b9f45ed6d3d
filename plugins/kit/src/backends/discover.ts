import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import type {Backend, Descriptor} from '../contract.js'
import {Failure} from '../failure.js'
import {messageOf} from '../message-of.js'
import {describedByCommand} from './text-agent/describe.js'
import {flawOfCommand} from './text-agent/flaw.js'

/** What an installed package tells of itself, as far as backends are concerned. */
export interface InstalledPlugin {
  readonly name: string
  /** Absolute directory of the package. */
  readonly root: string
  readonly pjson: {readonly version: string; readonly clinvk?: unknown}
}

/** A backend that is installed. Its module is imported by `load`, not before. */
export interface BackendEntry {
  readonly name: string
  readonly descriptor: Descriptor
  /** The package that brought it, for messages. */
  readonly plugin: string
  readonly pluginVersion: string
  readonly root: string
  /** Throws a Failure of kind `unavailable` when the module is broken. */
  load(): Promise<Backend>
}

export interface Discovered {
  readonly backends: ReadonlyMap<string, BackendEntry>
  /** One sentence for each plugin that cannot be used. */
  readonly problems: readonly string[]
  /** Backends that are not used, because a package that comes before has one of that name. */
  readonly shadowed: readonly {readonly name: string; readonly plugin: string; readonly by: string}[]
}

/**
 * The backends of the installed packages, by name, read from the `clinvk` key of
 * their package.json. Packages come in order of precedence: a user's own may
 * replace one of ours.
 */
export function discoverBackends(plugins: Iterable<InstalledPlugin>): Discovered {
  const backends = new Map<string, BackendEntry>()
  const problems: string[] = []
  const shadowed: {name: string; plugin: string; by: string}[] = []
  for (const plugin of plugins) {
    const {clinvk} = plugin.pjson
    if (clinvk === undefined) continue
    const flaw = flawOf(clinvk)
    if (flaw !== undefined) {
      problems.push(`${plugin.name} cannot be used as a backend: ${flaw}.`)
      continue
    }

    for (const [name, descriptor] of Object.entries(
      (clinvk as {backends: Record<string, Descriptor>}).backends,
    )) {
      const first = backends.get(name)
      if (first) shadowed.push({name, plugin: plugin.name, by: first.plugin})
      else backends.set(name, entry(name, descriptor, plugin))
    }
  }

  return {backends, problems, shadowed}
}

function entry(
  name: string,
  written: Descriptor,
  {name: plugin, pjson, root}: InstalledPlugin,
): BackendEntry {
  const descriptor = written.command ? describedByCommand(written, written.command) : written
  const load = async (): Promise<Backend> => {
    if (descriptor.command) {
      const {textBackend} = await import('./text-agent/backend.js')
      return textBackend(descriptor.title, descriptor.command)
    }

    const path = join(root, descriptor.module!)
    const found: unknown = await import(pathToFileURL(path).href).catch((error: unknown) => {
      throw new Failure(
        'unavailable',
        `The backend ${name} does not load: ${messageOf(error)}`,
        [`It comes from ${plugin}. Try: clinvk plugins update`],
        {cause: error},
      )
    })
    const {default: backend} = found as {default?: Partial<Backend>}
    if (typeof backend?.plan === 'function' && typeof backend.reader === 'function') return backend as Backend
    throw new Failure(
      'unavailable',
      `The backend ${name} is broken: ${path} exports no plan and reader as its default.`,
      [`It comes from ${plugin}. Try: clinvk plugins update`],
    )
  }

  return {name, descriptor, plugin, pluginVersion: pjson.version, root, load}
}

const CONTRACT = 1
const TEXTS = ['title', 'executable', 'install'] as const

/** What is wrong with a contribution; checked by hand because every start needs it. */
function flawOf(clinvk: unknown): string | undefined {
  if (!isRecord(clinvk)) return 'the key `clinvk` of its package.json is no object'
  if (clinvk.contract !== CONTRACT) {
    return `it is made for contract ${JSON.stringify(clinvk.contract)}, this clinvk speaks contract ${CONTRACT}`
  }

  if (!isRecord(clinvk.backends)) return '`clinvk.backends` is no object'
  for (const [name, descriptor] of Object.entries(clinvk.backends)) {
    if (!/^[a-z][a-z0-9-]*$/.test(name))
      return `"${name}" is no name for a backend (lower-case letters, digits, dashes)`
    if (!isRecord(descriptor)) return `the descriptor of ${name} is no object`
    const missing = TEXTS.find((key) => typeof descriptor[key] !== 'string')
    if (missing) return `the descriptor of ${name} lacks \`${missing}\``
    if (!isRecord(descriptor.capabilities)) return `the descriptor of ${name} lacks \`capabilities\``
    const {command, module} = descriptor
    if (command === undefined && typeof module !== 'string')
      return `the descriptor of ${name} lacks \`module\` (or \`command\`)`
    if (command !== undefined && module !== undefined)
      return `the descriptor of ${name} has both \`module\` and \`command\``
    const flaw =
      command === undefined ? flawOfOptions(descriptor.options) : flawOfCommand(command, descriptor)
    if (flaw !== undefined) return `in the descriptor of ${name}, ${flaw}`
  }

  return undefined
}

function flawOfOptions(options: unknown): string | undefined {
  if (options === undefined) return undefined
  if (!isRecord(options)) return '`options` is no object'
  for (const [name, option] of Object.entries(options)) {
    if (!/^[a-z][a-z0-9_]*$/.test(name) || OPTIONS_OF_ALL.has(name))
      return `"${name}" is no name for an option`
    if (!isRecord(option) || !OPTION_TYPES.has(option.type))
      return `the option ${name} has no \`type\` that clinvk knows`
    if (typeof option.description !== 'string') return `the option ${name} lacks \`description\``
    const {values} = option
    if (
      values !== undefined &&
      !(Array.isArray(values) && values.length > 0 && values.every((value) => typeof value === 'string'))
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
