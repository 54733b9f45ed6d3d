import type {z} from 'zod'
import {oneLine} from '../format/one-line.js'
import {check, type Entry} from './check.js'
import {variables} from './environment.js'
import type {Installed} from './installed.js'
import {misspeltVariables} from './misspelt-variables.js'
import type {Problem} from './problem.js'
import {projectEffect} from './project-rules.js'
import {siftProject} from './sift-project.js'
import {schemaFor} from './schema.js'
import {namedSettings} from './setting.js'
import type {Settings} from './settings.js'
import type {Source} from './source.js'
import {strangers} from './strangers.js'
import {readYaml} from './yaml-file.js'

/** What the places that settings come from hold. */
export interface Found {
  readonly user?: TextFile
  readonly project?: TextFile
  readonly env: Readonly<Record<string, string | undefined>>
  /** Not given: backends may have any settings, and plugins are not looked for. */
  readonly installed?: Installed
}

export interface TextFile {
  readonly file: string
  readonly text: string
}

/** The settings in force. Where there are problems, without what is wrong. */
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
  const effect = projectEffect(usual, theirs.entries, rightsOfInstalled(installed))
  const entries = [...usual, ...effect.entries, ...named.entries]
  return {
    settings: assemble(entries),
    entries: new Map(entries.map((entry) => [entry.path.join('.'), entry])),
    problems: [...mine.problems, ...theirs.problems, ...named.problems],
    warnings: [
      ...theirs.warnings,
      ...effect.warnings,
      ...(installed ? strangers(entries, installed) : []),
      ...misspeltVariables(env, schema),
    ].map((warning) => oneLine(warning)),
  }
}

interface CheckedFile {
  readonly entries: readonly Entry[]
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
}

/** Checks the text of one file by itself. */
export function checkFile(
  found: TextFile | undefined,
  kind: 'user' | 'project',
  schema: z.ZodType,
): CheckedFile {
  if (!found) return {entries: [], problems: [], warnings: []}
  const {problem, sourceOf, value} = readYaml(found.text, found.file, kind)
  if (problem) return {entries: [], problems: [problem], warnings: []}
  const {kept, warnings} = kind === 'project' ? siftProject(value, found.file) : {kept: value, warnings: []}
  return {...check(kept, schema, sourceOf), warnings}
}

function checkVariables(env: Found['env'], schema: z.ZodType): Pick<CheckedFile, 'entries' | 'problems'> {
  const entries: Entry[] = []
  const problems: Problem[] = []
  for (const {name, path, text} of variables(env, schema)) {
    const source: Source = {kind: 'environment', variable: name}
    const value = path.reduceRight<unknown>((inner, key) => ({[key]: inner}), text)
    const checked = check(value, schema, () => source)
    entries.push(...checked.entries)
    problems.push(...checked.problems)
  }

  return {entries, problems}
}

function defaults(schema: z.ZodType): Entry[] {
  return namedSettings(schema).flatMap(({default: value, path}) =>
    value === undefined ? [] : [{path, value, source: {kind: 'default'}}],
  )
}

function rightsOfInstalled(installed: Installed | undefined): Map<string, {hasWorkspace: boolean}> {
  return new Map(
    [...(installed?.backends ?? [])].map(([name, {descriptor}]) => [
      name,
      {hasWorkspace: descriptor.capabilities.sandbox?.includes('workspace') ?? false},
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
