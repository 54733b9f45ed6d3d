import {versionQuestion} from 'clinvk-backend-sdk'
import type {Backend, Files, Findings, Host, Question} from 'clinvk-contract'
import {forget, isResumable, move, settle, tidy} from './conversation.js'
import {history} from './history.js'
import {CLEAN_ENV, interactive, plan} from './plan.js'
import {GeminiReader} from './reader.js'

export default {
  plan,
  reader: (turn) => new GeminiReader(turn),
  settle,
  interactive,
  tidy,
  isResumable,
  move,
  forget,
  probe,
  history,
} satisfies Backend

/** Gemini CLI 0.61.0 tells its version, but has no command that tells whether it is signed in. */
function probe({env, scratch}: Host): readonly Question[] {
  return [
    // In its own home it would leave a temporary file behind each time.
    versionQuestion({...CLEAN_ENV, GEMINI_CLI_HOME: scratch, GEMINI_CLI_NO_RELAUNCH: 'true'}),
    {kind: 'files', read: (files) => signIn(files, env)},
  ]
}

/**
 * Goes the way of gemini 0.61.0 (`validateNonInteractiveAuth`): the way to sign in that its settings select,
 * else the one that the environment suggests. Of files with secrets only their being there counts.
 */
async function signIn(files: Pick<Files, 'list' | 'read'>, env: Host['env']): Promise<Findings> {
  const home = env.GEMINI_CLI_HOME
  const found = (await files.list()).filter((path) => !home || path.startsWith(home))
  const has = (name: string) => found.some((path) => path.endsWith(`/${name}`))
  const settings = found.find((path) => path.endsWith('/settings.json'))
  // By its name alone: gemini's settings are JSON with comments, and the key has moved once.
  const [, selected] =
    settings === undefined
      ? []
      : (/"selected(?:Auth)?Type"\s*:\s*"([\w-]+)"/.exec(await files.read(settings)) ?? [])
  switch (selected ?? typeOfEnvironment(env)) {
    case 'gemini-api-key':
      if (env.GEMINI_API_KEY) return {signedIn: true, account: 'GEMINI_API_KEY'}
      return unknown('Its key may be kept by the system or a .env file, where clinvk does not look.')
    case 'oauth-personal':
      if (has('oauth_creds.json') || has('gemini-credentials.json'))
        return {signedIn: true, account: 'Google account'}
      if (env.GEMINI_FORCE_ENCRYPTED_FILE_STORAGE !== 'true') return {signedIn: false}
      return unknown('Its sign-in may be kept by the system, where clinvk does not look.')
    case 'vertex-ai':
      if (env.GOOGLE_API_KEY) return {signedIn: true, account: 'GOOGLE_API_KEY'}
      if (!env.GOOGLE_CLOUD_PROJECT || !env.GOOGLE_CLOUD_LOCATION) return {signedIn: false}
      return unknown('Vertex AI uses the credentials of Google Cloud, where clinvk does not look.')
    case 'gateway':
      return {
        signedIn: false,
        detail: 'GOOGLE_GEMINI_BASE_URL alone is no sign-in: gemini needs one selected in its settings.',
      }
    case undefined:
      return has('.env') ? unknown('Its .env file may hold a key; clinvk does not look.') : {signedIn: false}
    default:
      return unknown('clinvk does not know how it signs in.')
  }
}

function unknown(detail: string): Findings {
  return {signedIn: 'unknown', detail}
}

/** `getAuthTypeFromEnv` */
function typeOfEnvironment(env: Host['env']): string | undefined {
  if (env.GOOGLE_GENAI_USE_GCA === 'true') return 'oauth-personal'
  if (env.GOOGLE_GENAI_USE_VERTEXAI === 'true') return 'vertex-ai'
  if (env.GOOGLE_GEMINI_BASE_URL) return 'gateway'
  if (env.GEMINI_API_KEY) return 'gemini-api-key'
  return env.CLOUD_SHELL === 'true' || env.GEMINI_CLI_USE_COMPUTE_ADC === 'true' ? 'compute' : undefined
}
