import assert from 'node:assert/strict'
import {chmodSync, mkdtempSync, realpathSync, rmSync} from 'node:fs'
import {delimiter, dirname, join} from 'node:path'
import {processTable} from 'clinvk-kit/process/process-tree'
import type {SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import type {TurnResult} from 'clinvk-kit/turn/result'
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

/** Gives each test of a suite a fresh user of an agent, and a model server without rules and calls. */
export function withAgent<User extends UserOfAgents>(
  create: (url: string) => User,
): {readonly user: User; readonly server: ModelServer} {
  let server: ModelServer
  let user: User
  before(async () => {
    server = await startModelServer()
  })
  beforeEach(() => {
    user = create(server.url)
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
