import {isDeepStrictEqual} from 'node:util'
import {parseDocument} from 'yaml'
import {YAML} from './yaml-file.js'

/**
 * Whether the new text of a settings file means what the old one meant, but for
 * one value (undefined: taken out). Anchors and aliases may stand in the way.
 */
export function onlyChanged(before: string, after: string, path: readonly string[], value: unknown): boolean {
  try {
    const wanted = dataOf(before)
    put(wanted, path, value)
    return isDeepStrictEqual(dataOf(after), withoutNothing(wanted))
  } catch {
    // An alias that leads nowhere, or to too much.
    return false
  }
}

type Branch = Record<string, unknown>

function dataOf(text: string): Branch {
  const document = parseDocument(text, YAML)
  if (document.errors[0]) throw document.errors[0]
  return withoutNothing(document.toJS() ?? {}) as Branch
}

/** A section that holds nothing but comments is none. */
function withoutNothing(value: unknown): unknown {
  if (!isBranch(value)) return value
  const entries = Object.entries(value).map(([key, child]) => [key, withoutNothing(child)] as const)
  return Object.fromEntries(
    entries.filter(([, child]) => child !== undefined && child !== null && !isEmpty(child)),
  )
}

function put(settings: Branch, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) settings[key] = value
  else if (isBranch(settings[key])) put(settings[key], rest, value)
  else if (value !== undefined)
    settings[key] = [...rest].reduceRight<unknown>((inner, part) => ({[part]: inner}), value)
}

function isEmpty(value: unknown): boolean {
  return isBranch(value) && Object.keys(value).length === 0
}

function isBranch(value: unknown): value is Branch {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
