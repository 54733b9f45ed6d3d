import {join} from 'node:path'
import type {Files, RecordedConversation} from 'clinvk-contract'
import {readLines} from 'clinvk-kit/files/read-lines'
import type {Env} from 'clinvk-kit/io'
import {archiveDirectory, type ArchivedConversation, archivedConversation} from './archived.js'

/**
 * What the archive has of a conversation, to be read by the backend as if it were the agent's own record: its place and
 * its files, and those of the conversations that it needs. Undefined where it is not archived in files.
 */
export function archivedRecord(
  env: Env,
  backend: string,
  id: string,
): {conversation: RecordedConversation; files: Files} | undefined {
  const found = archivedConversation(env, backend, id)
  if (!found || found.files.every(({path}) => path === '')) return undefined
  const files = new Map(
    withParents(found, env).flatMap((archived) =>
      archived.files.map((file) => [file.path, {...file, in: archiveDirectory(env, backend, archived.id)}]),
    ),
  )
  const {cwd, title, updatedAt} = found
  return {
    conversation: {id, paths: found.files.map(({path}) => path), about: {cwd, title, updatedAt}},
    files: archiveFiles(files),
  }
}

/** A conversation, after all that it cannot be read without. */
export function withParents(found: ArchivedConversation, env: Env): ArchivedConversation[] {
  const all = new Map<string, ArchivedConversation>()
  const add = (one: ArchivedConversation) => {
    if (all.has(one.id)) return
    all.set(one.id, one)
    for (const id of one.parents) {
      const parent = archivedConversation(env, one.backend, id)
      if (parent) add(parent)
    }
  }

  add(found)
  return [...all.values()].reverse()
}

interface Place {
  readonly in: string
  readonly name: string
  readonly size: number
  readonly changedAt: number
}

function archiveFiles(places: ReadonlyMap<string, Place>): Files {
  const lines = (path: string) => {
    const place = places.get(path)
    if (!place) throw Object.assign(new Error(`${path} is not archived`), {code: 'ENOENT'})
    return readLines(join(place.in, place.name))
  }
  const changesNothing = () => Promise.reject(new Error('the archive is only read'))
  return {
    directories: [],
    list: (below) => Promise.resolve([...places.keys()].filter((path) => path.includes(below ?? ''))),
    lines,
    async read(path) {
      const all: string[] = []
      for await (const line of lines(path)) all.push(line)
      return all.join('\n')
    },
    stat: (path) => Promise.resolve(places.get(path)),
    remove: changesNothing,
    copy: changesNothing,
  }
}
