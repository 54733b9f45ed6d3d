import {UserOfAgents, withAgent} from './agent-user.js'
import {claudeEnv} from './model-server/claude-env.js'
import {codexEnv} from './model-server/codex-env.js'
import {geminiEnv, writeGeminiSettings} from './model-server/gemini-env.js'
import {opencodeEnv, writeOpencodeSettings} from './model-server/opencode-env.js'

/** A user who has all real agents, each with an invented key. */
export class EveryAgent extends UserOfAgents {
  constructor(url: string) {
    super()
    const {HOME: home, PATH: path} = this.env as {HOME: string; PATH: string}
    for (const env of [claudeEnv, codexEnv, geminiEnv, opencodeEnv])
      Object.assign(this.env, env({url, home, path}))
    writeGeminiSettings(home)
    writeOpencodeSettings(home)
  }
}

export const withEveryAgent = () => withAgent((url) => new EveryAgent(url))
