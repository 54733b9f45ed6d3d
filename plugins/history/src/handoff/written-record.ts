import {randomUUID} from 'node:crypto'
import {constants, copyFile, link, mkdir, rm, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import type {Conversation, DraftMessage, NewRecord} from 'clinvk-contract'
import type {BackendEntry} from 'clinvk-kit/backends/discover'
import {Failure, isFailure, messageOf} from 'clinvk-kit/errors/failure'
import type {Env} from 'clinvk-kit/io'
import {conversationDeleter} from 'clinvk-kit/turn/change-records'
import {checkPlace, importRecord} from '../archive/restore.js'
import type {RecordAccess} from '../transcript/record-access.js'

/** A record of an agent's that clinvk writes. */
export class WrittenRecord {
  constructor(
    readonly record: NewRecord,
    readonly access: RecordAccess,
    readonly entry: BackendEntry,
    readonly place: {readonly cwd: string; readonly env: Env},
  ) {}

  /** Writes the record, reads it back and compares. Throws a Failure, and leaves nothing. */
  async write(expected: readonly Pick<DraftMessage, 'role' | 'text'>[]): Promise<void> {
    const {title} = this.entry.descriptor
    const {path} = this.record
    try {
      await (path === undefined
        ? importRecord(this.access, (file) => this.#writeTo(file))
        : this.#create(path))
    } catch (error) {
      // The import of opencode leaves half a conversation where it fails.
      if (path === undefined) await this.remove()
      throw new Failure('session', `The conversation cannot be handed to ${title}: ${messageOf(error)}`)
    }

    const issue = await this.#compare(expected).catch(messageOf)
    if (issue === undefined) return
    await this.remove()
    throw new Failure('session', `The conversation cannot be handed to ${title}: ${issue}`)
  }

  /** Removes it, by the agent's own command where it has one. */
  async remove(): Promise<void> {
    const {cwd, env} = this.place
    const {id, path, state} = this.record
    try {
      const remove = await conversationDeleter(this.entry.name, {
        env,
        backends: new Map([[this.entry.name, this.entry]]),
      })
      await remove({id, cwd, state})
    } catch (error) {
      if (!isFailure(error)) throw error
      if (path !== undefined) await rm(path, {force: true})
    }
  }

  /** The whole file appears at once, and never over one that is there. */
  async #create(path: string): Promise<void> {
    checkPlace(path, this.entry, this.place.env)
    await mkdir(dirname(path), {recursive: true, mode: 0o700})
    const unfinished = join(dirname(path), `.${randomUUID()}.tmp`)
    try {
      await this.#writeTo(unfinished)
      // Where a file cannot have two names, as in some shared folders, it appears while it is copied.
      await link(unfinished, path).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
        return copyFile(unfinished, path, constants.COPYFILE_EXCL)
      })
    } finally {
      await rm(unfinished, {force: true})
    }
  }

  async #writeTo(path: string): Promise<void> {
    const {lines} = this.record
    const text = async function* () {
      for await (const line of lines) yield `${line}\n`
    }
    await writeFile(path, text(), {flag: 'wx', mode: 0o600, flush: true})
  }

  /** What is wrong with the record, as our own reader finds it. */
  async #compare(expected: readonly Pick<DraftMessage, 'role' | 'text'>[]): Promise<string | undefined> {
    const {ask, files, history} = this.access
    const conversation: Conversation = {id: this.record.id, cwd: this.place.cwd, state: this.record.state}
    const found = await history.conversations(files, ask, conversation)
    const recorded = found.find(({id}) => id === this.record.id)
    if (!recorded) return 'its record is not found afterwards'
    let index = 0
    for await (const entry of history.transcript(recorded, files, ask)) {
      if (entry.type !== 'text' || entry.subAgent !== undefined) continue
      const {role, text} = expected[index] ?? {}
      if (entry.role !== role || entry.text.trim() !== text?.trim())
        return `message ${index + 1} is not in its record as it was written`
      index++
    }

    return index < expected.length ? `its record has ${index} of ${expected.length} messages` : undefined
  }
}
