import * as Flags from '@oclif/core/flags'
import {Failure, isFailure} from 'clinvk-kit/errors/failure'
import type {Cost, CostQuestion, SessionHistory} from 'clinvk-kit/hooks/history'
import {runHook} from 'clinvk-kit/hooks/run-hook'
import {jsonFlag, sessionArg, SessionCommand} from '../../lifecycle/session-command.js'
import type {SessionFile} from '../../store/session-file.js'
import {sessionJson, withoutUsage} from '../../view/session-json.js'
import {sessionDetails} from '../../view/session-text.js'

export default class SessionsShow extends SessionCommand {
  static override summary = 'Show everything about a session.'
  static override examples = [
    '<%= config.bin %> sessions show abc123',
    '<%= config.bin %> sessions show @last --json',
    '<%= config.bin %> sessions show abc123 --cost',
  ]

  static override args = {id: sessionArg}
  static completion = {args: {id: 'session'}}
  static override flags = {
    cost: Flags.boolean({
      description: 'Also show what its model calls are worth, as clinvk usage computes it.',
    }),
    json: jsonFlag,
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SessionsShow)
    const {store_token_usage: hasUsage} = await this.settings()
    const found = await this.find(args.id)
    const session = hasUsage ? found : withoutUsage(found)
    const cost = flags.cost && hasUsage ? await this.#costOf(session) : undefined
    const {text, ...known} = cost ?? {}
    const about = {session: found}
    const {answers} = await runHook<SessionHistory>(this.config, 'history:session', about, LONGEST_LOOK_MS)
    const history = answers[0]?.answer
    const forks = this.store.forksOf(session.id)
    const ids = forks.map(({id}) => id)
    if (flags.json) this.printJson({...sessionJson(session), forks: ids, ...history, cost: cost && known})
    else this.print(sessionDetails(session, this.io.now(), {...history, forks, value: text}))
  }

  /** Throws a Failure where it cannot be told. */
  async #costOf({backend, backend_session_id: conversation, id}: SessionFile): Promise<Cost | undefined> {
    const question: CostQuestion = {session: id, backend, conversation}
    const {answers, failures} = await runHook<Cost>(this.config, 'history:cost', question, LONGEST_MS)
    for (const {error, message} of failures) throw isFailure(error) ? error : new Failure('session', message)
    return answers[0]?.answer
  }
}

/** The first time, all records are read. */
const LONGEST_MS = 1_800_000
/** For what is only shown besides. */
const LONGEST_LOOK_MS = 5000
