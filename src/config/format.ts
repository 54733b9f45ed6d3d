import type {Entry, Problem, Source} from 'clinvk-kit/settings/check'
import {yamlValue} from 'clinvk-kit/settings/edit'

/** A value as `config set` takes it: text as it is, everything else as JSON. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

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

export function entriesJson(entries: Iterable<Entry>): object {
  return Object.fromEntries([...entries].map((entry) => [entry.path.join('.'), entryJson(entry)]))
}

/** Settings as valid YAML, in the order of `sections`; a comment beside each value says where it comes from. */
export function settingsYaml(
  entries: Iterable<Entry>,
  sections: readonly string[],
  notes: Readonly<Record<string, string>> = {},
): string {
  const root: Section = new Map(sections.map((name) => [name, new Map()]))
  for (const entry of entries) {
    let section = root
    for (const name of entry.path.slice(0, -1)) {
      const inner = section.get(name)
      const next: Section = inner && !('path' in inner) ? inner : new Map<string, Section | Entry>()
      section.set(name, next)
      section = next
    }
    section.set(entry.path.at(-1)!, entry)
  }
  const lines = linesOf(root, notes)
  const width = Math.max(...lines.map(({comment, text}) => (comment ? text.length : 0)))
  return lines
    .map(({comment, text}) =>
      comment ? `${text.padEnd(Math.min(WIDEST_ALIGNED, width))}  # ${comment}` : text,
    )
    .map((line) => `${line}\n`)
    .join('')
}

type Section = Map<string, Section | Entry>

function linesOf(section: Section, notes: Readonly<Record<string, string>>, indent = '') {
  return [...section].flatMap(([key, part]): {text: string; comment?: string | undefined}[] => {
    const text = `${indent}${yamlValue(key)}:`
    if ('path' in part) return [{text: `${text} ${yamlValue(part.value)}`, comment: sourceText(part.source)}]
    return part.size === 0 ? [] : [{text, comment: notes[key]}, ...linesOf(part, {}, `${indent}  `)]
  })
}

function sourceJson({kind, ...details}: Source): object {
  return {source: kind, ...details}
}

/** Comments of longer lines stand where they end. */
const WIDEST_ALIGNED = 40
