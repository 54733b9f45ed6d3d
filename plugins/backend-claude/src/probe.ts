import {parseObject, versionQuestion} from 'clinvk-backend-sdk'
import type {Findings, ProgramAnswer, Question} from 'clinvk-contract'
import {CLEAN_ENV} from './plan.js'

/** Claude Code 2.1.197 answers both without the network. */
export function probe(): readonly Question[] {
  return [
    versionQuestion(CLEAN_ENV),
    {kind: 'program', args: ['auth', 'status', '--json'], env: CLEAN_ENV, read: signIn},
  ]
}

/**
 * `{"loggedIn": true, "authMethod": "api_key", "apiProvider": "firstParty", "apiKeySource": "ANTHROPIC_API_KEY"}`,
 * and for an account its mail address, which is not shown. A key is not checked before the first turn.
 */
function signIn({stdout}: ProgramAnswer): Findings {
  const {apiKeySource, apiProvider, authMethod, loggedIn} = parseObject(stdout)
  if (typeof loggedIn !== 'boolean') return {}
  const account = [apiProvider === 'firstParty' ? undefined : apiProvider, apiKeySource, authMethod].find(
    (word): word is string => typeof word === 'string' && /^[\w. -]+$/.test(word),
  )
  return {signedIn: loggedIn, account: loggedIn ? account : undefined}
}
