import {readdirSync} from 'node:fs'
import {basename, join} from 'node:path'
import {AgentUser, type Retries, withAgent} from './agent-user.js'
import {claudeEnv} from './model-server/claude-env.js'

export {result} from './agent-user.js'

/** A user who has the real claude, which takes our model server for the real one. */
export class ClaudeUser extends AgentUser {
  constructor(url: string) {
    super()
    const {HOME: home, PATH: path} = this.env as {HOME: string; PATH: string}
    Object.assign(this.env, claudeEnv({url, home, path}))
  }

  /** Claude's own files of conversations. */
  override conversations(): string[] {
    const files = readdirSync(this.directory('.claude'), {recursive: true, encoding: 'utf8'})
    return files.filter((file) => file.endsWith('.jsonl')).map((file) => join(this.home, '.claude', file))
  }

  /** Ids of the conversations that claude keeps. */
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

export const withClaude = () => withAgent((url) => new ClaudeUser(url))
