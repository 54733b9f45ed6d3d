import {formatNumber, nearest, oneLine} from '../format/text.js'
import {check, placeOf, type Checked, type Entry, type Problem} from './check.js'
import type {Installed} from './load.js'
import {allowedPart, projectEffect} from './project-policy.js'
import {schemaFor} from './schema.js'
import {namedSettings, type Schema} from './setting.js'
import type {Settings} from './settings.js'
import {misspeltVariables, variables} from './variables.js'
import {readYaml} from './yaml-file.js'

export interface Found {
  readonly user?: TextFile
  readonly project?: TextFile
  readonly env: Readonly<Record<string, string | undefined>>
  /** Undefined: settings of backends are not checked, and plugins are not looked for. */
  readonly installed?: Installed
}

export interface TextFile {
  readonly file: string
  readonly text: string
}

/** The settings in force, without the invalid ones. */
export interface Resolved {
  readonly settings: Settings
  readonly entries: ReadonlyMap<string, Entry>
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
}

export function resolveSettings({env, installed, project, user}: Found): Resolved {
  const schema = schemaFor(installed?.backends ?? new Map())
  const mine = checkFile(user, 'user', schema)
  const theirs = checkFile(project, 'project', schema)
  const named = variables(env, schema).map(({name, path, text}) =>
    check(nested(path, text), schema, () => ({kind: 'environment', variable: name})),
  )
  const usual = [...defaults(schema), ...mine.entries]
  const effect = projectEffect(usual, theirs.entries, workspaceModes(installed))
  const entries = [...usual, ...effect.entries, ...named.flatMap((checked) => checked.entries)]
  return {
    settings: assemble(entries),
    entries: new Map(entries.map((entry) => [entry.path.join('.'), entry])),
    problems: [mine, theirs, ...named].flatMap(({problems}) => problems),
    warnings: [
      ...theirs.warnings,
      ...effect.warnings,
      ...(installed ? notInstalled(entries, installed) : []),
      ...misspeltVariables(env, schema),
    ].map((warning) => oneLine(warning)),
  }
}

export function checkFile(
  found: TextFile | undefined,
  kind: 'user' | 'project',
  schema: Schema,
): Checked & {readonly warnings: readonly string[]} {
  if (!found) return {entries: [], problems: [], warnings: []}
  const {problem, sourceOf, value} = readYaml(found.text, found.file, kind)
  if (problem) return {entries: [], problems: [problem], warnings: []}
  const checked = check(value, schema, sourceOf)
  const keys = checked.entries.length + checked.problems.length
  if (keys > MAX_KEYS) {
    const message = `It has ${formatNumber(keys)} keys; settings have at most ${formatNumber(MAX_KEYS)}.`
    return {entries: [], problems: [{source: sourceOf([]), key: '', message, hints: []}], warnings: []}
  }
  return kind === 'user' ? {...checked, warnings: []} : allowedPart(checked, found.file)
}

/** One sentence for each backend and plugin that has settings and is not installed. */
export function notInstalled(entries: readonly Entry[], {backends, plugins}: Installed): string[] {
  // `clinvk-plugin-serve` may be called `serve`.
  const names = [...plugins].flatMap((plugin) => [plugin, plugin.replace(/^.*clinvk-plugin-/, '')])
  const known: Record<string, string[]> = {backends: [...backends.keys()], plugins: names}
  const sentences = new Map<string, string>()
  for (const {path, source} of entries) {
    const [section, name] = path as [string, string]
    const key = `${section}.${name}`
    if (!known[section] || known[section].includes(name) || sentences.has(key)) continue
    const near = section === 'backends' ? nearest(name, known.backends!) : undefined
    const hint = near === undefined ? '' : ` Did you mean ${near}?`
    const what = `no ${section.slice(0, -1)} of that name is installed`
    sentences.set(key, `${placeOf(source)}: ${key} has no effect: ${what}.${hint}`)
  }

  return [...sentences.values()]
}

/** `{session: {auto_resume: value}}`. */
export function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight((inner, key) => ({[key]: inner}), value)
}

function defaults(schema: Schema): Entry[] {
  return namedSettings(schema).flatMap(({default: value, path}) =>
    value === undefined ? [] : [{path, value, source: {kind: 'default'}}],
  )
}

/** For each installed backend, whether it has the sandbox mode `workspace`. */
function workspaceModes(installed: Installed | undefined): Map<string, boolean> {
  return new Map(
    [...(installed?.backends ?? [])].map(([name, {descriptor}]) => [
      name,
      descriptor.capabilities.sandbox?.includes('workspace') ?? false,
    ]),
  )
}

/** Entries as one object; the last one of a key counts. */
function assemble(entries: readonly Entry[]): Settings {
  const settings: Branch = {backends: {}, prices: {}, worktree: {}}
  for (const {path, value} of entries) {
    const section = path.slice(0, -1).reduce<Branch>((branch, key) => {
      // A file may name a key as it likes, `__proto__` too.
      if (!Object.hasOwn(branch, key)) put(branch, key, {})
      return branch[key] as Branch
    }, settings)
    put(section, path.at(-1)!, value)
  }

  return settings as unknown as Settings
}

type Branch = Record<string, unknown>

/** What a project says is compared with all that the user says. */
const MAX_KEYS = 1000

function put(branch: Branch, key: string, value: unknown): void {
  Object.defineProperty(branch, key, {value, enumerable: true, configurable: true, writable: true})
}
