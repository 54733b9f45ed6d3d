import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {AgentUser, type Retries, withAgent} from './agent-user.js'
import {codexEnv, type CodexOptions} from './model-server/codex-env.js'

export {result} from './agent-user.js'

/** A user who has the real codex, which takes our model server for the real one, and for whom it is the default. */
export class CodexUser extends AgentUser {
  readonly #url: string

  constructor(url: string) {
    super()
    this.#url = url
    this.configure({})
    this.env.CLINVK_BACKEND = 'codex'
  }

  /** Writes codex's own settings anew. */
  configure(options: Pick<CodexOptions, 'retries' | 'sandbox'>): void {
    const {HOME: home, PATH: path} = this.env as {HOME: string; PATH: string}
    Object.assign(this.env, codexEnv({url: this.#url, home, path, ...options}))
  }

  override setRetries(retries: Retries): void {
    this.configure({retries})
  }

  override allowEdits(): void {
    this.configure({sandbox: 'workspace-write'})
  }

  /** Codex's own files of conversations. */
  override conversations(): string[] {
    const directory = this.directory('.codex/sessions')
    const files = readdirSync(directory, {recursive: true, encoding: 'utf8'})
    return files.filter((file) => file.endsWith('.jsonl')).map((file) => join(directory, file))
  }

  /** Ids of the conversations that codex keeps. */
  override conversationIds(): string[] {
    return this.conversations().map((file) => /[\da-f]{8}-[\da-f-]{27}(?=\.jsonl$)/.exec(file)![0])
  }
}

export const withCodex = () => withAgent((url) => new CodexUser(url))
