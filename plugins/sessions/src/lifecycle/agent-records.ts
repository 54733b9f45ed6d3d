import type {Config} from '@oclif/core'
import {backendsOf} from 'clinvk-kit/backends/discover'
import type {IO} from 'clinvk-kit/io'
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
  readonly #io: IO

  private constructor(forgetters: ReadonlyMap<string, Forgetter>, io: IO) {
    this.#forgetters = forgetters
    this.#io = io
  }

  /** Throws a Failure when the backend of one of them cannot do that. */
  static async of(sessions: readonly SessionFile[], config: Config, io: IO): Promise<AgentRecords> {
    const context = {backends: (await backendsOf(config)).backends, env: io.env}
    const forgetters = new Map<string, Forgetter>()
    for (const {backend} of sessions) {
      if (!forgetters.has(backend)) forgetters.set(backend, await conversationDeleter(backend, context))
    }

    return new AgentRecords(forgetters, io)
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
    const {notes, removed} = await forget({id, cwd, state})
    if (removed === 'not installed') this.kept.push(session)
    else if (removed) this.deleted.push(session)
    for (const note of notes) this.#io.stderr.write(`Note: ${note}\n`)
  }
}
