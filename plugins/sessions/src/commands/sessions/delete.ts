import {Args, Command, Flags} from '@oclif/core'
import {Failure} from 'clinvk-kit/failure'
import {resolveSession} from '../../resolve.js'
import {shortId} from '../../short-id.js'
import {isRunning} from '../../status.js'
import {SessionStore} from '../../store.js'

export default class SessionsDelete extends Command {
  static override summary = 'Delete sessions.'
  static override description =
    "Deletes what clinvk keeps of a session. The agent's own record of the conversation stays."
  static override examples = [
    '<%= config.bin %> sessions delete abc123',
    '<%= config.bin %> sessions delete abc123 def456',
  ]
  static override strict = false
  static override args = {
    id: Args.string({
      description: 'Id, name, beginning of an id, or @last; several.',
      ignoreStdin: true,
      required: true,
    }),
  }

  static override flags = {json: Flags.boolean({description: 'Print JSON.'})}

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(SessionsDelete)
    const store = new SessionStore(process.env)
    const {sessions} = store.all()
    // All are looked up before the first is deleted: a wrong one deletes nothing.
    const doomed = new Set((argv as string[]).map((reference) => resolveSession(reference, sessions)))
    const running = [...doomed].find((session) => isRunning(session))
    if (running) {
      throw new Failure('session', `Session ${shortId(running)} is in use: a turn of it runs.`, [
        'Nothing was deleted.',
      ])
    }

    for (const {id} of doomed) store.delete(id)
    if (flags.json) {
      process.stdout.write(`${JSON.stringify({deleted: [...doomed].map(({id}) => id)}, undefined, 2)}\n`)
      return
    }

    for (const session of doomed) {
      process.stdout.write(
        `Session ${session.id} deleted. The record that ${session.backend} keeps of it stays.\n`,
      )
    }
  }
}
