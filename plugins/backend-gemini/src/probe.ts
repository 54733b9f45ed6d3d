import {versionQuestion} from 'clinvk-backend-sdk'
import type {Files, Findings, Host, Question} from 'clinvk-contract'
import {CLEAN_ENV} from './plan.js'

/** Gemini CLI 0.61.0 tells its version, but has no command that tells whether it is signed in. */
export function probe({env, scratch}: Host): readonly Question[] {
  return [
    // In its own home it would leave a temporary file behind each time.
    versionQuestion({...CLEAN_ENV, GEMINI_CLI_HOME: scratch, GEMINI_CLI_NO_RELAUNCH: 'true'}),
    {kind: 'files', read: (files) => signIn(files, env)},
  ]
}

type Env = Host['env']

/**
 * Goes the way of gemini 0.61.0 (`validateNonInteractiveAuth`): the way to sign in
 * that its settings select, else the one that the environment suggests. Of files
 * with secrets only their being there counts.
 */
export async function signIn(files: Pick<Files, 'list' | 'read'>, env: Env): Promise<Findings> {
  const home = env.GEMINI_CLI_HOME
  const found = (await files.list()).filter((path) => !home || path.startsWith(home))
  const has = (name: string) => found.some((path) => path.endsWith(`/${name}`))
  const settings = found.find((path) => path.endsWith('/settings.json'))
  const selected = settings === undefined ? undefined : selectedType(await files.read(settings))
  switch (selected ?? typeOfEnvironment(env)) {
    case 'gemini-api-key':
      if (env.GEMINI_API_KEY) return {signedIn: true, account: 'GEMINI_API_KEY'}
      return unknown('Its key may be kept by the system or a .env file, where clinvk does not look.')
    case 'oauth-personal':
      if (has('oauth_creds.json') || has('gemini-credentials.json'))
        return {signedIn: true, account: 'Google account'}
      return env.GEMINI_FORCE_ENCRYPTED_FILE_STORAGE === 'true' ? unknown(KEPT_BY_SYSTEM) : {signedIn: false}
    case 'vertex-ai':
      if (env.GOOGLE_API_KEY) return {signedIn: true, account: 'GOOGLE_API_KEY'}
      if (env.GOOGLE_CLOUD_PROJECT && env.GOOGLE_CLOUD_LOCATION)
        return unknown('Vertex AI goes by the credentials of Google Cloud, where clinvk does not look.')
      return {signedIn: false}
    case 'gateway':
      return {
        signedIn: false,
        detail: 'GOOGLE_GEMINI_BASE_URL alone is no sign-in: gemini needs one selected in its settings.',
      }
    case undefined:
      return has('.env') ? unknown('Its .env file may hold a key; clinvk does not look.') : {signedIn: false}
    default:
      return unknown('How it signs in is something that clinvk does not know.')
  }
}

function unknown(detail: string): Findings {
  return {signedIn: 'unknown', detail}
}

/** By its name alone: gemini's settings are JSON with comments, and the key has moved once. */
function selectedType(settings: string): string | undefined {
  return /"selected(?:Auth)?Type"\s*:\s*"([\w-]+)"/.exec(settings)?.[1]
}

/** `getAuthTypeFromEnv` */
function typeOfEnvironment(env: Env): string | undefined {
  if (env.GOOGLE_GENAI_USE_GCA === 'true') return 'oauth-personal'
  if (env.GOOGLE_GENAI_USE_VERTEXAI === 'true') return 'vertex-ai'
  if (env.GOOGLE_GEMINI_BASE_URL) return 'gateway'
  if (env.GEMINI_API_KEY) return 'gemini-api-key'
  if (env.CLOUD_SHELL === 'true' || env.GEMINI_CLI_USE_COMPUTE_ADC === 'true') return 'compute'
  return undefined
}

const KEPT_BY_SYSTEM = 'Its sign-in may be kept by the system, where clinvk does not look.'
