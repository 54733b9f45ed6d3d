import type {Entry} from 'clinvk-kit/settings/check'
import {yamlValue} from 'clinvk-kit/settings/commented-file'
import type {Problem, Source} from 'clinvk-kit/settings/problem'

/** A value as `config set` takes it: text as it is, everything else as JSON. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Where a value comes from, for people. */
export function sourceText(source: Source): string {
  if (source.kind === 'default') return 'default'
  return source.kind === 'environment' ? source.variable : `${source.kind} file, line ${source.line}`
}

export function problemJson({hints, key, message, source}: Problem): object {
  return {key, message, hints, ...sourceJson(source)}
}

export function entryJson({source, value}: Pick<Entry, 'source' | 'value'>): object {
  return {value, ...sourceJson(source)}
}

/** Settings by key. */
export function entriesJson(entries: Iterable<Entry>): object {
  return Object.fromEntries([...entries].map((entry) => [entry.path.join('.'), entryJson(entry)]))
}

/** Settings as valid YAML; a comment beside each value says where it comes from. */
export function settingsYaml(
  entries: Iterable<Entry>,
  sections: readonly string[] = [],
  notes: Readonly<Record<string, string>> = {},
): string {
  const tree: Branch = new Map(sections.map((section) => [section, new Map()]))
  for (const entry of entries) {
    const section = entry.path.slice(0, -1).reduce((branch, key) => {
      const below = branch.get(key)
      const next = below instanceof Map ? below : new Map()
      branch.set(key, next)
      return next as Branch
    }, tree)
    section.set(entry.path.at(-1)!, entry)
  }

  const lines = linesOf(tree, notes)
  const widths = lines.map(({comment, text}) => (comment ? text.length : 0))
  const width = Math.min(WIDEST_ALIGNED, Math.max(...widths))
  return lines
    .map(({comment, text}) => `${comment ? `${text.padEnd(width)}  # ${comment}` : text}\n`)
    .join('')
}

type Branch = Map<string, Entry | Branch>

interface Line {
  readonly text: string
  readonly comment?: string | undefined
}

function linesOf(branch: Branch, notes: Readonly<Record<string, string>>, indent = ''): Line[] {
  return [...branch].flatMap(([key, child]): Line[] => {
    const name = `${indent}${yamlValue(key)}:`
    if (!(child instanceof Map))
      return [{text: `${name} ${yamlValue(child.value)}`, comment: sourceText(child.source)}]
    const comment = indent === '' ? notes[key] : undefined
    if (child.size > 0) return [{text: name, comment}, ...linesOf(child, notes, `${indent}  `)]
    return indent === '' ? [] : [{text: `${name} {}`, comment}]
  })
}

function sourceJson({kind, ...details}: Source): object {
  return {source: kind, ...details}
}

/** Comments of longer lines stand where they end. */
const WIDEST_ALIGNED = 40
