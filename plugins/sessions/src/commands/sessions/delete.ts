import * as Flags from '@oclif/core/flags'
import {type DeletedRecord, deleteSessions} from '../../lifecycle/delete-sessions.js'
import {findSessions} from '../../lifecycle/place.js'
import {jsonFlag, SessionCommand, sessionsArg} from '../../lifecycle/session-command.js'

export default class SessionsDelete extends SessionCommand {
  static override hiddenAliases = ['sessions:rm']
  static override summary = 'Delete sessions.'
  static override description =
    "Deletes what clinvk keeps of a session. The agent's own record of the conversation is kept unless --agent is given."
  static override examples = [
    '<%= config.bin %> sessions delete abc123',
    '<%= config.bin %> sessions delete abc123 def456',
    '<%= config.bin %> sessions delete abc123 --agent',
    '<%= config.bin %> sessions delete abc123 --agent --with-forks',
  ]
  static override strict = false
  static override args = {id: sessionsArg}
  static completion = {args: {id: 'session'}}
  static override flags = {
    agent: Flags.boolean({description: "Also delete the agent's own record."}),
    'with-forks': Flags.boolean({
      description: 'Also delete the forks that the agent could not read without it.',
      dependsOn: ['agent'],
    }),
    json: jsonFlag,
  }

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(SessionsDelete)
    const named = findSessions(argv as string[], this.place)
    const options = {agent: flags.agent, withForks: flags['with-forks']}
    const data = await deleteSessions(named, options, this.place, ({backend, id}, removed) => {
      if (!flags.json) this.print(`Session ${id} deleted. ${recordNote(backend, removed)}\n`)
    })
    if (flags.json) this.printJson(data)
  }
}

function recordNote(backend: string, removed: DeletedRecord): string {
  if (removed === undefined || removed === 'not installed')
    return `The record that ${backend} keeps of it stays.`
  return removed
    ? `The record that ${backend} kept of it is deleted, too.`
    : `${backend} kept no record of it.`
}
