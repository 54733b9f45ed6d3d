import {mkdtempSync, readdirSync, realpathSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {AgentUser, withAgent} from './agent-user.js'
import {codexEnv, type CodexOptions} from './model-server/codex-env.js'

export {result} from './agent-user.js'

/** A user who has the real codex, which takes our model server for the real one, and for whom it is the default. */
export class CodexUser extends AgentUser {
  readonly #url: string
  #elsewhere: string | undefined

  constructor(url: string) {
    super()
    this.#url = url
    this.configure({})
    this.env.CLINVK_BACKEND = 'codex'
  }

  /** Writes codex's own settings anew. */
  configure(options: Pick<CodexOptions, 'retries'>): void {
    const {HOME: home, PATH: path} = this.env as {HOME: string; PATH: string}
    Object.assign(this.env, codexEnv({url: this.#url, home, path, ...options}))
  }

  /** A directory that belongs neither to the project nor, as the whole home does, to what codex takes for temporary. */
  elsewhere(): string {
    this.#elsewhere ??= realpathSync(mkdtempSync('/var/tmp/clinvk-test-'))
    return this.#elsewhere
  }

  override remove(): void {
    super.remove()
    if (this.#elsewhere !== undefined) rmSync(this.#elsewhere, {recursive: true, force: true})
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
