import type {Entry} from 'clinvk-kit/settings/check'
import {yamlValue} from 'clinvk-kit/settings/commented-file'
import {sourceText} from './source-text.js'

/** Settings as YAML that could stand in a file; beside each value, as a comment, where it comes from. */
export function settingsYaml(
  entries: Iterable<Entry>,
  sections: readonly string[],
  notes: Readonly<Record<string, string>>,
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
  const width = Math.min(WIDEST, Math.max(...lines.map(({comment, text}) => (comment ? text.length : 0))))
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

/** Comments of longer lines stand where they end. */
const WIDEST = 40
