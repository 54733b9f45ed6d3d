import {messageOf} from 'clinvk-kit/errors/failure'
import {oneLine} from 'clinvk-kit/format/text'
import type {PluginProblem} from './plugin-problem.js'

/** A plugin that the user has installed or linked, as `clinvk plugins` keeps it. */
export interface ListedPlugin {
  readonly name: string
  readonly type: 'user' | 'link'
  /** Of a linked one. */
  readonly root?: string
  readonly tag?: string
  readonly url?: string
}

/**
 * The user's plugins, in order. `text` is what the file at `path` holds, or why it
 * cannot be read. A list that makes no sense is a problem, never an error.
 */
export function readPluginList(
  path: string,
  text: string | Error,
): {entries: readonly ListedPlugin[]; problems: readonly PluginProblem[]} {
  try {
    if (text instanceof Error) throw text
    const pjson = JSON.parse(text) as {oclif?: {plugins?: unknown}} | null
    const list = pjson?.oclif?.plugins ?? []
    if (!Array.isArray(list)) return {entries: [], problems: [unreadable(path, '`oclif.plugins` is no list')]}
    const entries = list.filter((entry) => isPlugin(entry))
    const strange = list.length - entries.length
    const problems = strange === 0 ? [] : [unreadable(path, `${strange} of its entries are no plugins`)]
    return {entries, problems}
  } catch (error) {
    return {entries: [], problems: [unreadable(path, oneLine(messageOf(error)))]}
  }
}

function isPlugin(entry: unknown): entry is ListedPlugin {
  const {name, root, type} = (entry ?? {}) as Record<string, unknown>
  return (
    typeof name === 'string' &&
    (type === 'user' || type === 'link') &&
    (type === 'user' || typeof root === 'string')
  )
}

function unreadable(path: string, flaw: string): PluginProblem {
  return {
    message: `The list of your plugins is damaged, what it does not name is not used: ${path}: ${flaw}.`,
    hints: ['Repair the file, or begin anew: clinvk plugins reset'],
  }
}
