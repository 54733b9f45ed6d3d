import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import type {Backend, Descriptor} from '../contract.js'
import {Failure} from '../failure.js'
import {messageOf} from '../message-of.js'

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
}

/**
 * The backends of the installed packages, by name, read from the `clinvk` key of
 * their package.json. Packages come in order of precedence: a user's own may
 * replace one of ours.
 */
export function discoverBackends(plugins: Iterable<InstalledPlugin>): Discovered {
  const backends = new Map<string, BackendEntry>()
  const problems: string[] = []
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
      if (!backends.has(name)) backends.set(name, entry(name, descriptor, plugin))
    }
  }

  return {backends, problems}
}

function entry(
  name: string,
  descriptor: Descriptor,
  {name: plugin, pjson, root}: InstalledPlugin,
): BackendEntry {
  const load = async (): Promise<Backend> => {
    const path = join(root, descriptor.module)
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
const TEXTS = ['module', 'title', 'executable', 'install'] as const

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
  }

  return undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
