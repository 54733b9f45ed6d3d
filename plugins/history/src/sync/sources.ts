import {join} from 'node:path'
import type {ConversationAbout} from 'clinvk-contract'
import {readText} from 'clinvk-kit/files/read-file'
import {replaceFile} from 'clinvk-kit/files/replace-file'
import {isRecord} from 'clinvk-kit/format/is-record'
import type {Env} from 'clinvk-kit/io'
import {historyDirectory} from './places.js'

/** What is known of a conversation without reading it again: a session, a conversation that an agent had alone, or both. */
export interface Source {
  /** Another text after every change of the agent's record and of clinvk's own transcript. */
  readonly stamp: string
  readonly backend: string
  /** The agent's own id; absent for a session whose agent has reported none. */
  readonly conversation?: string
  /** The id of the session. */
  readonly session?: string
  /** Changes with the session's file, as in the index of sessions. */
  readonly sessionStamp?: string
  /** What the record tells; its title and directory are not checked for what a terminal obeys. */
  readonly about: ConversationAbout
  /** The beginning of the first prompt, on one line. */
  readonly prompt?: string
  readonly turns: number
  /** When the agent's record was found to be gone, ISO 8601. */
  readonly goneAt?: string
}

/** Sources by `sourceKey`. What is no source is left out. */
export type Sources = Map<string, Source>

/** `<backend>/<the agent's own id>`, or `/<session id>` where that is unknown. */
export function sourceKey({
  backend,
  conversation,
  session,
}: Omit<Source, 'stamp' | 'about' | 'turns'>): string {
  return conversation === undefined ? `/${session}` : `${backend}/${conversation}`
}

/** Those of the last `syncHistory`: empty before the first. `index` names the search index that has them. */
export function readSources(env: Env): {readonly index?: string; readonly sources: Sources} {
  try {
    const found: unknown = JSON.parse(readText(pathOf(env)))
    if (!isRecord(found) || found.version !== VERSION || !isRecord(found.sources)) return {sources: new Map()}
    const entries = Object.entries(found.sources).filter((entry): entry is [string, Source] =>
      isSource(entry[1]),
    )
    return {index: typeof found.index === 'string' ? found.index : undefined, sources: new Map(entries)}
  } catch {
    // All is read again.
    return {sources: new Map()}
  }
}

export async function writeSources(env: Env, sources: Sources, index: string | undefined): Promise<void> {
  const text = JSON.stringify({version: VERSION, index, sources: Object.fromEntries(sources)})
  await replaceFile(pathOf(env), `${text}\n`)
}

function pathOf(env: Env): string {
  return join(historyDirectory(env), 'sources.json')
}

function isSource(value: unknown): boolean {
  if (!isRecord(value) || !isRecord(value.about)) return false
  const isText = (field: unknown) => field === undefined || typeof field === 'string'
  const {about, backend, conversation, goneAt, prompt, session, sessionStamp, stamp, turns} = value
  return (
    typeof stamp === 'string' &&
    typeof backend === 'string' &&
    typeof turns === 'number' &&
    [conversation, session, sessionStamp, prompt, goneAt].every(isText) &&
    [about.cwd, about.title, about.startedAt, about.updatedAt, about.forkedFrom].every(isText)
  )
}

/** Another one after a change of what is read or counted: everything is read again. */
const VERSION = 1
