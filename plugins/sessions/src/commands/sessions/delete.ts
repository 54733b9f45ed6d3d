import {Args, Command, Flags} from '@oclif/core'
import type {AgentRecords} from '../../lifecycle/agent-records.js'
import {announce} from '../../lifecycle/announce.js'
import {resolveSession} from '../../resolve/resolve-session.js'
import type {SessionFile} from '../../store/session-file.js'
import {refuseRunning} from '../../store/status.js'
import {SessionStore} from '../../store/store.js'

export default class SessionsDelete extends Command {
  static override summary = 'Delete sessions.'
  static override description =
    "Deletes what clinvk keeps of a session. The agent's own record of the conversation stays, but with --agent."
  static override examples = [
    '<%= config.bin %> sessions delete abc123',
    '<%= config.bin %> sessions delete abc123 def456',
    '<%= config.bin %> sessions delete abc123 --agent',
  ]
  static override strict = false
  static override args = {
    id: Args.string({
      description: 'Id, name, beginning of an id, or @last; several.',
      ignoreStdin: true,
      required: true,
    }),
  }

  static completion = {args: {id: 'session'}}

  static override flags = {
    agent: Flags.boolean({description: "Delete the agent's own record, too."}),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(SessionsDelete)
    const store = new SessionStore(process.env)
    // All are looked up before the first is deleted: a wrong one deletes nothing.
    const named = (argv as string[]).map((reference) => resolveSession(reference, store))
    const doomed = [...new Map(named.map((session) => [session.id, session])).values()]
    for (const session of doomed) refuseRunning(session, 'Nothing was deleted.')
    const records = flags.agent ? await this.#agentRecords(doomed) : undefined
    for (const session of doomed) {
      if (records) {
        refuseRunning(store.get(session.id) ?? session, 'It was not deleted.')
        await records.delete(session)
      }

      await store.delete(session.id, (current) => {
        refuseRunning(current, 'It was not deleted.')
        return true
      })
      if (!flags.json)
        process.stdout.write(`Session ${session.id} deleted. ${whatOfRecord(session, records)}\n`)
      await announce(this.config, 'session:deleted', session)
    }

    if (!flags.json) return
    const deleted = {
      deleted: doomed.map(({id}) => id),
      ...(records ? {agent_records_deleted: records.deleted} : {}),
    }
    process.stdout.write(`${JSON.stringify(deleted, undefined, 2)}\n`)
  }

  async #agentRecords(doomed: readonly SessionFile[]): Promise<AgentRecords> {
    const {AgentRecords: records} = await import('../../lifecycle/agent-records.js')
    return records.of(doomed, this.config)
  }
}

function whatOfRecord({backend, id}: SessionFile, records: AgentRecords | undefined): string {
  if (!records || records.kept.includes(id)) return `The record that ${backend} keeps of it stays.`
  return records.deleted.includes(id)
    ? `The record that ${backend} kept of it is deleted, too.`
    : `${backend} kept no record of it.`
}
