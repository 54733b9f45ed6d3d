import {readFileSync, statSync} from 'node:fs'
import type {Env} from 'clinvk-kit/io'
import {realPathOf} from 'clinvk-kit/files/read-file'
import {labelOf} from 'clinvk-plugin-sessions/view/labels'
import {SessionStore} from 'clinvk-plugin-sessions/store/store'
import {sourceKey} from '../sync/sources.js'
import {pendingFile} from '../sync/places.js'
import {historyLock} from '../sync/written-index.js'
import {stampOf} from '../sync/units.js'
import {readTurns} from '../transcript/read-turns.js'
import type {Database} from './database.js'
import {IndexWriter} from './write-index.js'

/**
 * Takes in the last turns of sessions, from clinvk's own transcripts, as far as that is done in a moment; `sync` does it
 * well. Nothing happens where another process writes the index.
 */
export async function indexPending(db: Database, env: Env): Promise<void> {
  const deadline = performance.now() + LONGEST_MS
  const ids = new Set(readFileSync(pendingFile(env), 'latin1').split('\n').reverse())
  const lock = historyLock(env).tryAcquire()
  if (!lock) return
  const store = new SessionStore(env)
  const writer = new IndexWriter(db)
  try {
    for (const id of ids) {
      if (performance.now() > deadline) break
      const session = /^[0-9a-f]{16,32}$/.test(id) ? store.files.read(id) : undefined
      if (typeof session !== 'object') continue
      const {backend, backend_session_id: native, working_dir: cwd} = session
      const key = writer.keyOf(id) ?? sourceKey({backend, conversation: native || undefined, session: id})
      const own = stampOf([statSync(store.transcripts.path(id), {throwIfNoEntry: false})])
      const known = writer.find(key)
      const directory = cwd ? realPathOf(cwd) : undefined
      const title = session.name ?? session.title
      const row = writer.put({key, backend, native, session: id, directory, title})
      let {updated} = known ?? {}
      if (known?.own !== own)
        for await (const turn of readTurns(
          {session: {...session, backend_session_id: ''}},
          {env, backends: new Map()},
        )) {
          if (Date.parse(turn.startedAt) <= (known?.updated ?? -Infinity)) continue
          writer.add(row, turn)
          updated = Date.parse(turn.endedAt)
        }
      writer.put({key, backend, own}, {updated: updated ?? undefined})
      writer.label(row, labelOf(session), updated ?? 0)
    }
    writer.end()
  } finally {
    lock.release()
  }
}

const LONGEST_MS = 50
