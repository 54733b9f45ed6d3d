import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import {basename, delimiter, dirname, join} from 'node:path'
import type {Usage} from 'clinvk-contract'
import {processTable} from 'clinvk-kit/process/process-tree'
import type {SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {
  claudeEnv,
  codexEnv,
  type CodexSettings,
  geminiEnv,
  type GeminiSettings,
  opencodeEnv,
  writeGeminiSettings,
  writeOpencodeSettings,
} from './agent-env.js'
import {filesIn} from './files-in.js'
import {type ModelServer, startModelServer} from './model-server/index.js'
import {type Finished, json, ROOT, Sandbox} from './sandbox.js'

/** A user of agents, whose processes are found again. */
export class UserOfAgents extends Sandbox {
  #elsewhere: string | undefined

  /** The only session that there is. */
  session(): SessionFile {
    const sessions = this.sessions() as unknown as SessionFile[]
    assert.equal(sessions.length, 1)
    return sessions[0]!
  }

  /** Processes that were started in this home and still live, however far they went from their parents. */
  processes(): number[] {
    return processTable(`HOME=${this.home}`).flatMap(({marked, pid}) => (marked ? [pid] : []))
  }

  /** A PATH in which `clinvk` can be typed. */
  pathWithClinvk(): string {
    const command = this.write('bin/clinvk', `#!/bin/sh\nexec node ${join(ROOT, 'bin/run.js')} "$@"\n`)
    chmodSync(command, 0o755)
    return [dirname(command), this.env.PATH!].join(delimiter)
  }

  /** What the environment of an agent is made for. */
  place(url: string): {url: string; home: string; path: string} {
    return {url, home: this.home, path: this.env.PATH!}
  }

  /** All files below a directory of the home. */
  files(directory = '.'): string[] {
    const path = this.directory(directory)
    return filesIn(path).map((name) => join(path, name))
  }

  /** A directory that belongs neither to the project nor, as the whole home does, to what codex takes for temporary. */
  elsewhere(): string {
    this.#elsewhere ??= realpathSync(mkdtempSync('/var/tmp/clinvk-test-'))
    return this.#elsewhere
  }

  override remove(): void {
    for (const pid of this.processes()) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended meanwhile.
      }
    }

    super.remove()
    if (this.#elsewhere !== undefined) rmSync(this.#elsewhere, {recursive: true, force: true})
    this.#elsewhere = undefined
  }
}

export type Retries = 'none' | 'its own'

/** A user who has one real agent. */
export abstract class AgentUser extends UserOfAgents {
  /** The agent's own files of conversations. */
  abstract conversations(): string[]

  /** Ids of the conversations that the agent keeps. */
  abstract conversationIds(): string[]

  /** How often the agent tries a model call again that failed, from now on. */
  abstract setRetries(retries: Retries): void

  /** Lets the agent edit files in its directory, by its own settings. */
  abstract allowEdits(): void
}

/** A user who has the real claude, which takes our model server for the real one. */
export class ClaudeUser extends AgentUser {
  constructor(url: string) {
    super()
    Object.assign(this.env, claudeEnv(this.place(url)))
  }

  override conversations(): string[] {
    return this.files('.claude').filter((file) => file.endsWith('.jsonl'))
  }

  override conversationIds(): string[] {
    return this.conversations().map((file) => basename(file, '.jsonl'))
  }

  override setRetries(retries: Retries): void {
    if (retries === 'none') this.env.CLAUDE_CODE_MAX_RETRIES = '0'
    else delete this.env.CLAUDE_CODE_MAX_RETRIES
  }

  override allowEdits(): void {
    this.write('.claude/settings.json', JSON.stringify({permissions: {defaultMode: 'acceptEdits'}}))
  }
}

/** The same with codex, which is the default. */
export class CodexUser extends AgentUser {
  readonly #url: string

  constructor(url: string) {
    super()
    this.#url = url
    this.configure({})
    this.env.CLINVK_BACKEND = 'codex'
  }

  /** Writes codex's own settings anew. */
  configure(settings: CodexSettings): void {
    Object.assign(this.env, codexEnv(this.place(this.#url), settings))
  }

  override setRetries(retries: Retries): void {
    this.configure({retries})
  }

  override allowEdits(): void {
    this.configure({sandbox: 'workspace-write'})
  }

  override conversations(): string[] {
    return this.files('.codex/sessions').filter((file) => file.endsWith('.jsonl'))
  }

  override conversationIds(): string[] {
    return this.conversations().map((file) => /[\da-f]{8}-[\da-f-]{27}(?=\.jsonl$)/.exec(file)![0])
  }
}

/** The same with gemini, which is the default. */
export class GeminiUser extends AgentUser {
  constructor(url: string) {
    super()
    Object.assign(this.env, geminiEnv(this.place(url)), {CLINVK_BACKEND: 'gemini'})
  }

  /** Writes gemini's own settings anew. */
  configure(settings: GeminiSettings): void {
    writeGeminiSettings(this.home, settings)
  }

  override conversations(): string[] {
    return this.files('.gemini').filter((file) => /\/chats\/.*\.jsonl?$/.test(file))
  }

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

  /** Files anywhere in the home in which this text stands. */
  filesWith(text: string): string[] {
    return this.files().filter((path) => readFileSync(path, 'utf8').includes(text))
  }
}

/** The same with opencode, which asks before it edits or runs something: by its own standard it does not. */
export class OpencodeUser extends AgentUser {
  readonly #data = join(this.home, '.local/share/opencode')

  constructor(url: string) {
    super()
    Object.assign(this.env, opencodeEnv(this.place(url)), {CLINVK_BACKEND: 'opencode'})
    this.configure({permission: {edit: 'ask', bash: 'ask'}})
  }

  /** Writes opencode's own settings anew. */
  configure(settings: Readonly<Record<string, unknown>>): void {
    writeOpencodeSettings(this.home, settings)
  }

  /** The database of opencode with all conversations; none when there is none in it. */
  override conversations(): string[] {
    if (this.conversationIds().length === 0) return []
    return ['opencode.db', 'opencode.db-wal', 'opencode.db-shm'].map((name) => join(this.#data, name))
  }

  override conversationIds(): string[] {
    const path = join(this.#data, 'opencode.db')
    if (!existsSync(path)) return []
    // Its program holds Bun, which reads the database in a fiftieth of the time that `opencode db` needs.
    const script = `
      import {Database} from 'bun:sqlite'
      const rows = new Database(process.env.DATABASE).query('select id from session order by time_created').all()
      console.log(JSON.stringify(rows.map(({id}) => id)))`
    const env = {...this.env, BUN_BE_BUN: '1', DATABASE: path}
    return JSON.parse(
      execFileSync('opencode', ['-e', script], {cwd: this.home, env, encoding: 'utf8'}),
    ) as string[]
  }

  override setRetries(retries: Retries): void {
    const settings = {backends: {opencode: retries === 'none' ? {max_retries: 0} : {}}}
    this.write('.clinvk/config.yaml', JSON.stringify(settings))
  }

  override allowEdits(): void {
    this.configure({permission: {edit: 'allow', bash: 'ask'}})
  }
}

/** A user who has all real agents, each with an invented key. */
export class EveryAgent extends UserOfAgents {
  constructor(url: string) {
    super()
    for (const env of [claudeEnv, codexEnv, geminiEnv, opencodeEnv])
      Object.assign(this.env, env(this.place(url)))
  }
}

/** Gives each test of a suite a fresh user of an agent, and a model server without rules and calls. */
export function withAgent<User extends UserOfAgents>(
  create: (url: string) => User,
): {readonly user: User; readonly server: ModelServer} {
  let server: ModelServer
  let user: User
  before(async () => (server = await startModelServer()))
  beforeEach(() => (user = create(server.url)))
  afterEach(() => {
    user.remove()
    server.reset()
  })
  after(() => server.close())
  return {
    get server() {
      return server
    },
    get user() {
      return user
    },
  }
}

export const withClaude = () => withAgent((url) => new ClaudeUser(url))
export const withCodex = () => withAgent((url) => new CodexUser(url))
export const withGemini = () => withAgent((url) => new GeminiUser(url))
export const withOpencode = () => withAgent((url) => new OpencodeUser(url))
export const withEveryAgent = () => withAgent((url) => new EveryAgent(url))

/** What the model server has reported over all calls, in clinvk's terms. */
export function sentBy(server: ModelServer, tellsReasoning = true): Usage {
  const {cacheRead, cacheWrite, input, output, reasoning = 0} = server.usage()
  const all = input + cacheRead + cacheWrite
  return {
    input_tokens: all,
    output_tokens: output,
    cached_tokens: cacheRead,
    ...(tellsReasoning && {reasoning_tokens: reasoning}),
    total_tokens: all + output,
  }
}

/** The one JSON object that a turn has printed; its exit code is the one that clinvk ended with. */
export function result(finished: Finished): TurnResult {
  const turn = json(finished) as unknown as TurnResult
  assert.equal(turn.exit_code, finished.code)
  return turn
}
