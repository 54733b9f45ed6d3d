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

  /** Ids of the conversations that opencode keeps, as it tells them itself. */
  override conversationIds(): string[] {
    if (!existsSync(join(this.#data, 'opencode.db'))) return []
    const rows = this.query('select id from session order by time_created')
    return rows.map(({id}) => id as string)
  }

  /** Asks opencode's database. */
  query(sql: string): Record<string, unknown>[] {
    const options = {cwd: this.project, env: this.env, encoding: 'utf8'} as const
    return JSON.parse(execFileSync('opencode', ['db', '--format', 'json', sql], options) || '[]') as Record<
      string,
      unknown
    >[]
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

export const withOpencode = () => withAgent((url) => new OpencodeUser(url))
