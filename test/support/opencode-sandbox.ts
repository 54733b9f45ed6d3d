import {execFileSync} from 'node:child_process'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {AgentUser, type Retries, withAgent} from './agent-user.js'
import {opencodeEnv, type OpencodeSettings, writeOpencodeSettings} from './model-server/opencode-env.js'

export {result} from './agent-user.js'

/**
 * A user who has the real opencode, which takes our model server for the real one, and for whom it is the default. It
 * asks before it edits or runs something, which by its own standard it does not.
 */
export class OpencodeUser extends AgentUser {
  constructor(url: string) {
    super()
    const {HOME: home, PATH: path} = this.env as {HOME: string; PATH: string}
    Object.assign(this.env, opencodeEnv({url, home, path}), {CLINVK_BACKEND: 'opencode'})
    this.configure({permission: {edit: 'ask', bash: 'ask'}})
  }

  /** Writes opencode's own settings anew. */
  configure(settings: OpencodeSettings): void {
    writeOpencodeSettings(this.home, settings)
  }

  /** The database of opencode with all conversations; none when there is none in it. */
  override conversations(): string[] {
    if (this.conversationIds().length === 0) return []
    return ['opencode.db', 'opencode.db-wal', 'opencode.db-shm'].map((name) => join(this.#data, name))
  }

  /** Ids of the conversations that opencode keeps. */
  override conversationIds(): string[] {
    const path = join(this.#data, 'opencode.db')
    if (!existsSync(path)) return []
    // Its program holds Bun, which reads the database in a fiftieth of the time that `opencode db` needs.
    const env = {...this.env, BUN_BE_BUN: '1', DATABASE: path}
    const rows = execFileSync('opencode', ['-e', IDS], {cwd: this.project, env, encoding: 'utf8'})
    return JSON.parse(rows) as string[]
  }

  override setRetries(retries: Retries): void {
    const settings = {backends: {opencode: retries === 'none' ? {max_retries: 0} : {}}}
    this.write('.clinvk/config.yaml', JSON.stringify(settings))
  }

  override allowEdits(): void {
    this.configure({permission: {edit: 'allow', bash: 'ask'}})
  }

  get #data(): string {
    return join(this.home, '.local/share/opencode')
  }
}

const IDS = `
  import {Database} from 'bun:sqlite'
  const rows = new Database(process.env.DATABASE).query('select id from session order by time_created').all()
  console.log(JSON.stringify(rows.map(({id}) => id)))
`

export const withOpencode = () => withAgent((url) => new OpencodeUser(url))
