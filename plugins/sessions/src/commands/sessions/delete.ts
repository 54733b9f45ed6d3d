import {Flags} from '@oclif/core'
import type {AgentRecords} from '../../lifecycle/agent-records.js'
import {jsonFlag, SessionCommand, sessionsArg} from '../../lifecycle/session-command.js'
import type {SessionFile} from '../../store/session-file.js'
import {refuseRunning} from '../../store/status.js'

export default class SessionsDelete extends SessionCommand {
  static override summary = 'Delete sessions.'
  static override description =
    "Deletes what clinvk keeps of a session. The agent's own record of the conversation is kept unless --agent is given."
  static override examples = [
    '<%= config.bin %> sessions delete abc123',
    '<%= config.bin %> sessions delete abc123 def456',
    '<%= config.bin %> sessions delete abc123 --agent',
  ]
  static override strict = false
  static override args = {id: sessionsArg}

  static completion = {args: {id: 'session'}}

  static override flags = {
    agent: Flags.boolean({description: "Also delete the agent's own record."}),
    json: jsonFlag,
  }

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(SessionsDelete)
    const sessions = this.resolveAll(argv)
    for (const session of sessions) refuseRunning(session, 'Nothing was deleted.')
    const records = flags.agent ? await this.#agentRecords(sessions) : undefined
    for (const session of sessions) {
      if (records) {
        refuseRunning(this.store.get(session.id) ?? session, 'It was not deleted.')
        await records.delete(session)
      }

      await this.store.delete(session.id, (current) => {
        refuseRunning(current, 'It was not deleted.')
        return true
      })
      if (!flags.json) this.print(`Session ${session.id} deleted. ${recordNote(session, records)}\n`)
      await this.announce('session:deleted', session)
    }

    if (!flags.json) return
    this.printJson({deleted: sessions.map(({id}) => id), agent_records_deleted: records?.deleted})
  }

  async #agentRecords(sessions: readonly SessionFile[]): Promise<AgentRecords> {
    const {AgentRecords: records} = await import('../../lifecycle/agent-records.js')
    return records.of(sessions, this.config, this.io)
  }
}

function recordNote({backend, id}: SessionFile, records: AgentRecords | undefined): string {
  if (!records || records.kept.includes(id)) return `The record that ${backend} keeps of it stays.`
  return records.deleted.includes(id)
    ? `The record that ${backend} kept of it is deleted, too.`
    : `${backend} kept no record of it.`
}
