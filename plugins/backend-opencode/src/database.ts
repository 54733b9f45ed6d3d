import {type Parsed, parseLine, type Shape} from 'clinvk-backend-sdk'
import type {Ask} from 'clinvk-contract'

/** What is safe in a question, and is never more than one conversation. */
export const ID = /^ses_\w{1,128}$/

export const OFFLINE = {OPENCODE_DISABLE_MODELS_FETCH: 'true'}

/**
 * Asks opencode 1.18 for rows of its database, which it reads itself: that starts its program. Undefined when it is not
 * installed. An error when it does not answer, or with more than 16 MiB, of which clinvk keeps the beginning.
 */
export async function query<S extends Shape>(
  ask: Ask,
  sql: string,
  row: S,
): Promise<Parsed<S>[] | undefined> {
  const answer = await ask({args: ['db', '--format', 'json', sql], env: OFFLINE})
  if (!answer) return undefined
  const rows = answer.code === 0 ? parseLine(answer.stdout || '[]', [row]) : undefined
  if (!rows) throw new Error('opencode does not answer')
  return rows
}

/** A text in a question. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''").replaceAll('\0', '')}'`
}
