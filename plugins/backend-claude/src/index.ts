import {parseLine, program, versionQuestion} from 'clinvk-backend-sdk'
import type {Backend, Findings, ProgramAnswer, Question} from 'clinvk-contract'
import {forget, isResumable, move, settle} from './conversation.js'
import {history} from './history.js'
import {CLEAN_ENV, interactive, plan} from './plan.js'
import {ClaudeReader} from './reader.js'

export default {
  plan,
  reader: (turn) => new ClaudeReader(turn),
  settle,
  interactive,
  isResumable,
  move,
  forget,
  probe,
  history,
} satisfies Backend

/** Claude Code 2.1.197 answers both without the network. */
function probe(): readonly Question[] {
  return [versionQuestion(CLEAN_ENV), {...program(['auth', 'status', '--json'], CLEAN_ENV), read: signIn}]
}

/**
 * `{"loggedIn": true, "authMethod": "api_key", "apiProvider": "firstParty", "apiKeySource": "ANTHROPIC_API_KEY"}`,
 * and for an account its mail address, which is not shown. A key is not checked before the first turn.
 */
function signIn({stdout}: ProgramAnswer): Findings {
  const {apiKeySource, apiProvider, authMethod, loggedIn} = parseLine(stdout, AUTH_STATUS) ?? {}
  if (loggedIn === undefined) return {}
  const words = [apiProvider === 'firstParty' ? undefined : apiProvider, apiKeySource, authMethod]
  const account = words.find((word) => word !== undefined && /^[\w. -]+$/.test(word))
  return {signedIn: loggedIn, account: loggedIn ? account : undefined}
}

const AUTH_STATUS = {apiKeySource: '', apiProvider: '', authMethod: '', loggedIn: true} as const
