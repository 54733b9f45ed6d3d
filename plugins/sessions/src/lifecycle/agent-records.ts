import type {Config} from '@oclif/core'
import {backendsOf} from 'clinvk-kit/backends/discover'
import {conversationDeleter} from 'clinvk-kit/turn/delete-conversation'
import type {SessionFile} from '../store/session-file.js'

type Forgetter = Awaited<ReturnType<typeof conversationDeleter>>

/** What agents themselves keep of sessions, to be deleted with them. */
export class AgentRecords {
  /** Ids of sessions whose agent had a record, which is gone. */
  readonly deleted: string[] = []
  /** Ids of sessions whose agent may have one, which only it can delete, and it is not installed. */
  readonly kept: string[] = []
  readonly #forgetters: ReadonlyMap<string, Forgetter>

  private constructor(forgetters: ReadonlyMap<string, Forgetter>) {
    this.#forgetters = forgetters
  }

  /** Throws a Failure when the backend of one of them cannot do that. */
  static async of(sessions: readonly SessionFile[], config: Config): Promise<AgentRecords> {
    const context = {backends: backendsOf(config).backends, env: process.env}
    const forgetters = new Map<string, Forgetter>()
    for (const {backend} of sessions) {
      if (!forgetters.has(backend)) forgetters.set(backend, await conversationDeleter(backend, context))
    }

    return new AgentRecords(forgetters)
  }

  /** Says on stderr what of the conversation the agent keeps all the same. Throws a Failure when the agent would not. */
  async delete({
    backend,
    backend_session_id: id,
    backend_state: state,
    id: session,
    working_dir: cwd,
  }: SessionFile): Promise<void> {
    if (id === undefined || id === '') return
    const forget = this.#forgetters.get(backend)!
    const {notes, removed} = await forget({id, cwd, ...(state === undefined ? {} : {state})})
    if (removed === 'not installed') this.kept.push(session)
    else if (removed) this.deleted.push(session)
    for (const note of notes) process.stderr.write(`Note: ${note}\n`)
  }
}
