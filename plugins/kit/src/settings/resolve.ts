import {oneLine} from '../format/text.js'
import {check, type Checked, type Entry} from './check.js'
import {notInstalled, type Installed} from './installed.js'
import type {Problem, Source} from './problem.js'
import {onlyAllowed, projectEffect} from './project-policy.js'
import {schemaFor} from './schema.js'
import {namedSettings, type Schema} from './setting.js'
import type {Settings} from './settings.js'
import {misspeltVariables, variables} from './variables.js'
import {readYaml} from './yaml-file.js'

/** The content of the places that settings come from. */
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
  /** By key: the value, and where it comes from. */
  readonly entries: ReadonlyMap<string, Entry>
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
}

/** Environment over project file over user file over defaults. */
export function resolveSettings({env, installed, project, user}: Found): Resolved {
  const schema = schemaFor(installed?.backends ?? new Map())
  const mine = checkFile(user, 'user', schema)
  const theirs = checkFile(project, 'project', schema)
  const named = checkVariables(env, schema)
  const usual = [...defaults(schema), ...mine.entries]
  const effect = projectEffect(usual, theirs.entries, workspaceModes(installed))
  const entries = [...usual, ...effect.entries, ...named.entries]
  return {
    settings: assemble(entries),
    entries: new Map(entries.map((entry) => [entry.path.join('.'), entry])),
    problems: [...mine.problems, ...theirs.problems, ...named.problems],
    warnings: [
      ...theirs.warnings,
      ...effect.warnings,
      ...(installed ? notInstalled(entries, installed) : []),
      ...misspeltVariables(env, schema),
    ].map((warning) => oneLine(warning)),
  }
}

/** Checks the text of one file by itself. */
export function checkFile(
  found: TextFile | undefined,
  kind: 'user' | 'project',
  schema: Schema,
): Checked & {readonly warnings: readonly string[]} {
  if (!found) return {entries: [], problems: [], warnings: []}
  const {problem, sourceOf, value} = readYaml(found.text, found.file, kind)
  if (problem) return {entries: [], problems: [problem], warnings: []}
  if (kind === 'user') return {...check(value, schema, sourceOf), warnings: []}
  const {allowed, warnings} = onlyAllowed(value, found.file)
  return {...check(allowed, schema, sourceOf), warnings}
}

function checkVariables(env: Found['env'], schema: Schema): Checked {
  const checked = variables(env, schema).map(({name, path, text}) => {
    const source: Source = {kind: 'environment', variable: name}
    return check(nested(path, text), schema, () => source)
  })
  return {
    entries: checked.flatMap(({entries}) => entries),
    problems: checked.flatMap(({problems}) => problems),
  }
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
  const settings: Branch = {backends: {}}
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

function put(branch: Branch, key: string, value: unknown): void {
  Object.defineProperty(branch, key, {value, enumerable: true, configurable: true, writable: true})
}
