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
  const all = [...entries].sort((a, b) => sections.indexOf(a.path[0]!) - sections.indexOf(b.path[0]!))
  const lines: {text: string; comment?: string | undefined}[] = []
  let above: readonly string[] = []
  // Those of one section stand together, wherever they come from.
  for (const section of new Set(all.map(({path}) => JSON.stringify(path.slice(0, -1))))) {
    const names = JSON.parse(section) as string[]
    for (const [depth, name] of names.entries()) {
      const comment = depth === 0 ? notes[name] : undefined
      if (above[depth] !== name) lines.push({text: `${'  '.repeat(depth)}${yamlValue(name)}:`, comment})
    }
    above = names
    for (const {path, source, value} of all.filter(
      (entry) => JSON.stringify(entry.path.slice(0, -1)) === section,
    )) {
      const text = `${'  '.repeat(names.length)}${yamlValue(path.at(-1))}: ${yamlValue(value)}`
      lines.push({text, comment: sourceText(source)})
    }
  }
  const width = Math.min(
    WIDEST_ALIGNED,
    Math.max(...lines.map(({comment, text}) => (comment ? text.length : 0))),
  )
  return lines
    .map(({comment, text}) => `${comment ? `${text.padEnd(width)}  # ${comment}` : text}\n`)
    .join('')
}

function sourceJson({kind, ...details}: Source): object {
  return {source: kind, ...details}
}

/** Comments of longer lines stand where they end. */
const WIDEST_ALIGNED = 40
