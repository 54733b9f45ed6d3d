import {LineCounter, parseDocument, visit, type Document} from 'yaml'
import {Failure} from '../failure.js'
import {messageOf} from '../message-of.js'
import {settingsSchema} from './schema.js'
import type {Settings} from './settings.js'

/** Checks the text of a settings file. Throws a Failure of kind `config` that says where and what. */
export function parseSettings(text: string, path: string): Settings {
  const counter = new LineCounter()
  const document = parseDocument(text, {lineCounter: counter, prettyErrors: false})
  const at = (offset: number) => {
    const {col, line} = counter.linePos(offset)
    return `${path}:${line}:${col}`
  }

  const [broken] = document.errors
  if (broken) throw new Failure('config', `${at(broken.pos[0])}: ${broken.message}`)

  const checked = settingsSchema.safeParse(valueOf(document, at) ?? {})
  if (checked.success) return checked.data
  const [issue] = checked.error.issues
  const unknown = issue!.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const keys = [...issue!.path, ...(unknown === undefined ? [] : [unknown])]
  const problem = unknown === undefined ? issue!.message : 'there is no such setting'
  throw new Failure('config', `${at(offsetOf(document, keys))}: ${keys.join('.') || 'settings'}: ${problem}.`)
}

/** What is left to go wrong here are aliases: of nothing, or of so much that it would fill the memory. */
function valueOf(document: Document, at: (offset: number) => string): unknown {
  try {
    return document.toJS()
  } catch (error) {
    let offset = 0
    visit(document, {
      Alias(_key, alias) {
        if (alias.resolve(document)) return undefined
        offset = alias.range?.[0] ?? 0
        return visit.BREAK
      },
    })
    throw new Failure('config', `${at(offset)}: ${messageOf(error)}`)
  }
}

/** Where a key stands in the text; the nearest one above it when it is missing. */
function offsetOf(document: Document, keys: readonly PropertyKey[]): number {
  for (let length = keys.length; length > 0; length--) {
    const parent = document.getIn(keys.slice(0, length - 1), true) ?? document.contents
    const items =
      (parent as {items?: {key?: {value?: unknown; range?: number[]}; range?: number[]}[]}).items ?? []
    const key = keys[length - 1]
    const item = typeof key === 'number' ? items[key] : items.find((pair) => pair.key?.value === key)?.key
    if (item?.range) return item.range[0]!
  }

  return 0
}
