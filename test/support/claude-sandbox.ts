import assert from 'node:assert/strict'
import {chmodSync, readdirSync} from 'node:fs'
import {basename, delimiter, dirname, join} from 'node:path'
import {processTable} from 'clinvk-kit/process/process-table'
import type {TurnResult} from 'clinvk-kit/turn/result'
import type {SessionFile} from 'clinvk-plugin-sessions/session-file'
import {claudeEnv} from './model-server/claude-env.js'
import {type ModelServer, startModelServer} from './model-server/index.js'
import {type Finished, json, ROOT, Sandbox} from './sandbox.js'

/** A user who has the real claude, which takes our model server for the real one. */
export class ClaudeUser extends Sandbox {
  constructor(url: string) {
    super()
    const {HOME: home, PATH: path} = this.env as {HOME: string; PATH: string}
    Object.assign(this.env, claudeEnv({url, home, path}))
  }

  /** The only session that there is. */
  session(): SessionFile {
    const sessions = this.sessions() as unknown as SessionFile[]
    assert.equal(sessions.length, 1)
    return sessions[0]!
  }

  /** Claude's own files of conversations. */
  conversations(): string[] {
    const files = readdirSync(this.directory('.claude'), {recursive: true, encoding: 'utf8'})
    return files.filter((file) => file.endsWith('.jsonl')).map((file) => join(this.home, '.claude', file))
  }

  /** Ids of the conversations that claude keeps. */
  conversationIds(): string[] {
    return this.conversations().map((file) => basename(file, '.jsonl'))
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

  override remove(): void {
    for (const pid of this.processes()) process.kill(pid, 'SIGKILL')
    super.remove()
  }
}

/** Gives each test of a suite a fresh user, and a model server without rules and calls. */
export function withClaude(): {readonly user: ClaudeUser; readonly server: ModelServer} {
  let server: ModelServer
  let user: ClaudeUser
  before(async () => {
    server = await startModelServer()
  })
  beforeEach(() => {
    user = new ClaudeUser(server.url)
  })
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

/** The one JSON object that a turn has printed; its exit code is the one that clinvk ended with. */
export function result(finished: Finished): TurnResult {
  const turn = json(finished) as unknown as TurnResult
  assert.equal(turn.exit_code, finished.code)
  return turn
}
