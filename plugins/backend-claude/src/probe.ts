import type {Findings, ProgramAnswer, Question} from 'clinvk-contract'
import {UNNESTED} from './unnested.js'

/** Claude Code 2.1.197 tells both by itself; it asks the network for neither. */
export function probe(): readonly Question[] {
  return [
    {kind: 'program', args: ['--version'], env: UNNESTED, read: version},
    {kind: 'program', args: ['auth', 'status', '--json'], env: UNNESTED, read: signIn},
  ]
}

/** `2.1.197 (Claude Code)` */
function version({stdout}: ProgramAnswer): Findings {
  const [found] = /\d+\.\d+\.\d+[\w.-]*/.exec(stdout) ?? []
  return found === undefined ? {} : {version: found}
}

/**
 * `{"loggedIn": true, "authMethod": "api_key", "apiProvider": "firstParty", "apiKeySource": "ANTHROPIC_API_KEY"}`,
 * and for an account its mail address, which stays here. A key is not checked before the first turn.
 */
function signIn({stdout}: ProgramAnswer): Findings {
  const {apiKeySource, apiProvider, authMethod, loggedIn} = parse(stdout)
  if (typeof loggedIn !== 'boolean') return {}
  const account = [apiProvider === 'firstParty' ? undefined : apiProvider, apiKeySource, authMethod].find(
    (word) => typeof word === 'string' && /^[\w. -]+$/.test(word),
  )
  return {signedIn: loggedIn, ...(loggedIn && typeof account === 'string' ? {account} : {})}
}

function parse(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>
  } catch {
    return {}
  }
}
