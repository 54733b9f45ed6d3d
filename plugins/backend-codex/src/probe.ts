import {versionQuestion} from 'clinvk-backend-sdk'
import type {Files, Findings, Host, ProgramAnswer, Question} from 'clinvk-contract'
import {CLEAN_ENV} from './plan.js'

/** Codex 0.169.0. What it says of itself holds for its own provider; one of the user's own has its own key. */
export function probe({env}: Host): readonly Question[] {
  return [
    versionQuestion(CLEAN_ENV),
    {kind: 'program', args: ['login', 'status'], env: CLEAN_ENV, read: (answer) => signIn(answer, env)},
    {kind: 'files', read: (files) => ownProvider(files, env)},
  ]
}

/**
 * `Logged in using ChatGPT`, `API key configured - sk-inven***tests`, `Not logged in`, on standard error.
 * `codex exec` takes CODEX_API_KEY as well, of which this command says nothing.
 */
function signIn({code, stderr, stdout}: ProgramAnswer, env: Host['env']): Findings {
  const text = stdout + stderr
  if (env.CODEX_API_KEY) return {signedIn: true, account: 'CODEX_API_KEY'}
  if (/not logged in/i.test(text)) return {signedIn: false}
  if (code !== 0) return {}
  const account = /ChatGPT|access token|API key/i.exec(text)?.[0]
  return {signedIn: true, account}
}

/** `model_provider` of config.toml, where it is not OpenAI. */
async function ownProvider(files: Pick<Files, 'list' | 'read'>, env: Host['env']): Promise<Findings> {
  const {CODEX_HOME: home} = env
  const path = (await files.list()).find((file) => !home || file.startsWith(home))
  const text = path === undefined ? '' : await files.read(path)
  const provider = valueOf(text.split(/^\s*\[/m)[0]!, 'model_provider')
  if (provider === undefined || provider === 'openai') return {}
  const table = tableOf(text, provider)
  if (/^\s*requires_openai_auth\s*=\s*true/m.test(table)) return {}
  const key = valueOf(table, 'env_key')
  if (key === undefined)
    return {signedIn: 'unknown', detail: `Codex uses the provider ${provider} of its config.toml.`}
  if (env[key]) return {signedIn: true, account: key}
  return {
    signedIn: false,
    detail: `Codex uses the provider ${provider} of its config.toml, and ${key} is not set.`,
  }
}

function tableOf(toml: string, provider: string): string {
  const tables = toml.split(/^\s*\[/m).slice(1)
  const heads = [`model_providers.${provider}]`, `model_providers."${provider}"]`]
  return tables.find((table) => heads.some((head) => table.startsWith(head))) ?? ''
}

function valueOf(toml: string, key: string): string | undefined {
  return new RegExp(`^\\s*${key}\\s*=\\s*["']([\\w .-]+)["']`, 'm').exec(toml)?.[1]
}
