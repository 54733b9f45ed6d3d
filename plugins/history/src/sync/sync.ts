import {rmSync, statSync, writeFileSync} from 'node:fs'
import type {ConversationAbout} from 'clinvk-contract'
import {isFailure, messageOf} from 'clinvk-kit/errors/failure'
import {realPathOf} from 'clinvk-kit/files/read-file'
import type {SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import {SessionStore} from 'clinvk-plugin-sessions/store/store'
import {labelOf, titleFrom} from 'clinvk-plugin-sessions/view/labels'
import {promptOf} from '../transcript/message.js'
import {type HistoryContext, readTurns} from '../transcript/read-turns.js'
import {Ledger} from '../usage/ledger.js'
import {archiveRecord} from '../archive/archive.js'
import type {Settings} from 'clinvk-kit/settings/settings'
import {pendingFile, syncedFile} from './places.js'
import {dropUnfinished} from '../search/index-file.js'
import {readSources, type Source, writeSources} from './sources.js'
import {dropMissing, hasChanged, recordStamp, UNREAD} from './changes.js'
import {findUnits, subjectOf, type Unit} from './units.js'
import {
  historyLock,
  type IndexStatus,
  inIndex,
  openForWriting,
  unreadIn,
  type WrittenIndex,
} from './written-index.js'

/** Where `syncHistory` finds what it reads, and what it is to archive. */
export interface SyncContext extends Pick<HistoryContext, 'backends' | 'env'> {
  readonly archive: Settings['history']['archive']
  /** Bytes that archive and transcripts may have together. */
  readonly limit: number
  /** Whether tokens may be written down. */
  readonly keepsUsage: boolean
}

export interface SyncOptions {
  /** How many of the conversations that have changed are read. */
  readonly onProgress?: (done: number, all: number) => void
  /** Ends it early: what was read is kept. */
  readonly signal?: AbortSignal
  /** Milliseconds to wait for another process that does the same; 0 when not given. */
  readonly waitMs?: number
}

export interface SyncResult {
  /** `busy`: another process does it; `interrupted`: by the signal. */
  readonly state: 'done' | 'busy' | 'interrupted'
  /** Conversations that are known, and how many of them were read now. */
  readonly conversations: number
  readonly read: number
  /** Why the search index is not written: there is no SQLite, or a later version of clinvk has made it. */
  readonly index: IndexStatus
  /** What cannot be read, a sentence each. */
  readonly skipped: readonly string[]
}

/**
 * Reads all conversations that are new or have changed, those of sessions and those that agents had alone, for the search
 * index, the ledger and the archive. One process at a time. What an agent has deleted stays. Throws a Failure where the
 * index cannot be written.
 */
export async function syncHistory(
  context: SyncContext,
  {onProgress, signal, waitMs = 0}: SyncOptions = {},
): Promise<SyncResult> {
  const {env} = context
  const lock = historyLock(env, signal)
  const held = waitMs > 0 ? await lock.acquire(waitMs) : lock.tryAcquire()
  if (!held) return {state: 'busy', conversations: 0, read: 0, index: 'written', skipped: []}
  try {
    writeFileSync(syncedFile(env), String(process.pid), {mode: 0o600})
    return await new Sync(context, signal).run(onProgress)
  } finally {
    // On a full disk an index that could not be finished must not stay.
    dropUnfinished(env)
    held.release()
  }
}

class Sync {
  readonly #context: SyncContext & Required<HistoryContext>
  readonly #unread = new Set<string>()
  readonly #unarchived = new Set<string>()
  #failures = 0
  readonly #unlisted = new Set<string>()
  readonly #store: SessionStore
  readonly #ledger: Ledger
  readonly #index: WrittenIndex
  readonly #realPaths = new Map<string, string>()
  #committed = performance.now()

  constructor(
    context: SyncContext,
    readonly signal: AbortSignal | undefined,
  ) {
    const notice = (message: string) => {
      this.#failures++
      this.#unread.add(message)
    }
    this.#context = {...context, notice}
    this.#store = new SessionStore(context.env)
    this.#ledger = new Ledger(context.env)
    this.#index = openForWriting(context.env)
  }

  async run(onProgress: SyncOptions['onProgress']): Promise<SyncResult> {
    const {env} = this.#context
    const pending = sizeOf(pendingFile(env))
    const {index, sources} = readSources(env)
    const isSame = index === this.#index.name
    const units = await findUnits(this.#store, sources, {
      ...this.#context,
      signal: this.signal,
      unlisted: this.#unlisted,
    })
    let isChanged = !isSame
    const changed = [...units].filter(([key, unit]) => !isSame || hasChanged(unit, sources.get(key)))
    changed.sort(([, a], [, b]) => a.changedAt - b.changedAt)
    let read = 0
    for (const [index, [key, unit]] of changed.entries()) {
      onProgress?.(index, changed.length)
      const source = await this.#read(key, unit, sources.get(key))
      if (this.signal?.aborted) break
      if (source) sources.set(key, source)
      if (source) read++
      await this.#archive(unit, source?.about)
      await this.#commitSometimes()
    }

    for (const [key, {backend, session, sessionStamp}] of units) {
      const source = sources.get(key)
      if (!source || source.sessionStamp === sessionStamp) continue
      // Renamed, closed or tagged.
      sources.set(key, {...source, sessionStamp})
      const renamed = session === undefined ? undefined : this.#store.readAll([session])[0]
      if (!renamed) continue
      const {name, title} = renamed
      const updated = Date.parse(source.about.updatedAt ?? '') || 0
      inIndex(() => {
        const row = this.#index.writer?.put({key, backend, title: name ?? title})
        if (row !== undefined) this.#index.writer?.label(row, labelOf(renamed), updated)
      })
      isChanged = true
    }

    // At the end, since a session may be deleted while this reads.
    const remove = (key: string) => this.#index.writer?.remove(key)
    isChanged =
      dropMissing(sources, units, {store: this.#store, unlisted: this.#unlisted, remove}) || isChanged
    await this.#ledger.save()
    inIndex(() => {
      this.#index.writer?.setMeta('unread', unreadIn([...this.#unread]))
      this.#index.finish()
    })
    if (read > 0 || isChanged) await writeSources(env, sources, this.#index.name)
    const isDone = !this.signal?.aborted
    if (isDone && sizeOf(pendingFile(env)) === pending) rmSync(pendingFile(env), {force: true})
    return {
      state: isDone ? 'done' : 'interrupted',
      conversations: sources.size,
      read,
      index: this.#index.status,
      skipped: [...this.#unread, ...this.#unarchived],
    }
  }

  /** Undefined where it was interrupted or nothing could be read. */
  async #read(key: string, unit: Unit, known: Source | undefined): Promise<Source | undefined> {
    const {backend, conversation: native, own, record, recorded, sessionStamp} = unit
    let about: ConversationAbout = {...known?.about, ...recorded?.about}
    const subject = subjectOf(unit, this.#store, about)
    const {session} = subject
    const {writer} = this.#index
    // Of a record that is gone, what was read before stays.
    const isGone = known !== undefined && record === '' && recordStamp(known) !== ''
    const from = (isGone && writer?.find(key)?.updated) || -Infinity
    let id: number | undefined
    let prompt = known?.prompt
    let turns = isGone ? known.turns : 0
    let updated: number | undefined
    const failures = this.#failures
    try {
      for await (const turn of readTurns(subject, this.#context, (more) => (about = {...about, ...more}))) {
        if (this.signal?.aborted) return undefined
        if (Date.parse(turn.startedAt) <= from) continue
        prompt ??= promptOf(turn)
        turns++
        updated = Date.parse(turn.endedAt) || updated
        inIndex(() => {
          id ??= writer?.put({key, backend}, {isNew: !isGone})
          if (id !== undefined) writer?.add(id, turn)
        })
        if (this.#context.keepsUsage) this.#ledger.add(subject, about, turn)
      }
    } catch (error) {
      // Of the index, not of what is read.
      if (isFailure(error)) throw error
      this.#context.notice(`The conversation ${key} cannot be read to its end: ${messageOf(error)}`)
    }

    await this.#name(session, about.title)
    const {cwd, forkedFrom, parents, startedAt, updatedAt} = about
    const title = session?.name ?? session?.title ?? about.title?.slice(0, LONGEST_TITLE) ?? prompt
    const directory = this.#realPath(session?.working_dir || cwd)
    const isUnread = this.#failures > failures
    const time = Math.max(updated ?? 0, Date.parse(updatedAt ?? '') || 0)
    const label = (session && labelOf(session)) ?? about.title?.slice(0, LONGEST_TITLE)
    // A thread without a prompt is that of a sub-agent: what is found in it belongs to who began it.
    const owner = (prompt === undefined && forkedFrom) || native
    inIndex(() => {
      const about = {key, backend, native: owner, session: session?.id, directory, title, own}
      const row = writer?.put(about, {updated: time || undefined})
      if (row !== undefined) writer?.label(row, label === prompt ? undefined : label, time)
    })
    return {
      // What could not be read is tried again the next time.
      stamp: `${isGone ? recordStamp(known) : isUnread ? UNREAD : record}|${own}`,
      backend,
      conversation: native,
      session: unit.session,
      sessionStamp,
      about: {
        cwd,
        forkedFrom,
        parents,
        startedAt,
        title: about.title?.slice(0, LONGEST_TITLE),
        updatedAt: time ? new Date(time).toISOString() : undefined,
      },
      prompt,
      turns: isUnread && turns === 0 ? (known?.turns ?? 0) : turns,
      goneAt: isGone ? (known.goneAt ?? new Date().toISOString()) : undefined,
    }
  }

  /** The title that the agent has is better than the first prompt: so lists, the picker and TAB have it from the session. */
  async #name(session: SessionFile | undefined, given: string | undefined): Promise<void> {
    const title = given && titleFrom(given)
    if (!session || !title || session.title === title) return
    await this.#store.update(session.id, (current) => (current.title = title)).catch(() => 'it was deleted')
  }

  #realPath(directory: string | undefined): string | undefined {
    if (!directory) return undefined
    let path = this.#realPaths.get(directory)
    if (path === undefined) this.#realPaths.set(directory, (path = realPathOf(directory)))
    return path
  }

  async #archive(
    {access, backend, conversation, recorded, session}: Unit,
    about?: ConversationAbout,
  ): Promise<void> {
    const {archive, env, limit} = this.#context
    if (!recorded || !access || archive === 'off' || (archive === 'sessions' && session === undefined)) return
    try {
      await archiveRecord(recorded, access, {backend, env, limit, about})
    } catch (error) {
      this.#unarchived.add(
        `The conversation ${backend}/${conversation} cannot be archived: ${messageOf(error)}`,
      )
    }
  }

  /** So that others see what is new, and an interruption loses little. */
  async #commitSometimes(): Promise<void> {
    if (performance.now() - this.#committed < COMMIT_MS) return
    await this.#ledger.save()
    if (!this.#index.isNew) inIndex(() => this.#index.writer?.commit())
    this.#committed = performance.now()
  }
}

const COMMIT_MS = 1000
const LONGEST_TITLE = 200

/** Bytes; undefined where there is no such file. */
function sizeOf(path: string): number | undefined {
  return statSync(path, {throwIfNoEntry: false})?.size
}
