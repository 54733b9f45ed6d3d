import {readdirSync, readFileSync, renameSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {AgentUser, type Retries, withAgent} from './agent-user.js'
import {geminiEnv, type GeminiSettings, writeGeminiSettings} from './model-server/gemini-env.js'

export {result} from './agent-user.js'

/** A user who has the real gemini, which takes our model server for the real one, and for whom it is the default. */
export class GeminiUser extends AgentUser {
  constructor(url: string) {
    super()
    const {HOME: home, PATH: path} = this.env as {HOME: string; PATH: string}
    Object.assign(this.env, geminiEnv({url, home, path}), {CLINVK_BACKEND: 'gemini'})
    this.configure({})
  }

  /** Writes gemini's own settings anew. */
  configure(settings: GeminiSettings): void {
    writeGeminiSettings(this.home, settings)
  }

  /** Gemini's own files of conversations. */
  override conversations(): string[] {
    return this.files('.gemini').filter((file) => /\/chats\/.*\.jsonl?$/.test(file))
  }

  /** Ids of the conversations that gemini keeps. */
  override conversationIds(): string[] {
    const ids = this.conversations().map((file) => {
      const [header = ''] = readFileSync(file, 'utf8').split('\n')
      return (JSON.parse(header) as {sessionId: string}).sessionId
    })
    return [...new Set(ids)]
  }

  override setRetries(retries: Retries): void {
    this.configure({maxAttempts: retries === 'none' ? 1 : 'default'})
  }

  override allowEdits(): void {
    this.configure({more: {general: {defaultApprovalMode: 'auto_edit', maxAttempts: 1}}})
  }

  /** Lets a conversation have begun in another minute than this one: its file is named by the minute. */
  ageConversations(): void {
    for (const file of this.conversations()) {
      const aged = file.replace(/session-[\dT-]+-(?=[\da-f]{8}\.)/, 'session-2026-01-01T00-00-')
      const text = readFileSync(file, 'utf8')
      writeFileSync(file, text.replace(/"startTime":"[^"]*"/, '"startTime":"2026-01-01T00:00:00.000Z"'))
      renameSync(file, aged)
    }
  }

  /** All files below a directory of the home. */
  files(directory: string): string[] {
    const root = this.directory(directory)
    const names = readdirSync(root, {recursive: true, encoding: 'utf8'})
    return names.map((name) => join(root, name)).filter((path) => statSync(path).isFile())
  }

  /** Files anywhere in the home in which this text stands. */
  filesWith(text: string): string[] {
    return this.files('.').filter((path) => readFileSync(path, 'utf8').includes(text))
  }
}

export const withGemini = () => withAgent((url) => new GeminiUser(url))
