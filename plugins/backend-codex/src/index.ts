import {program, versionQuestion} from 'clinvk-backend-sdk'
import type {Backend, Files, Findings, Host, ProgramAnswer, Question} from 'clinvk-contract'
import {deleteCommand, forget, isResumable, neededBy, settle} from './conversation.js'
import {history} from './history.js'
import {CLEAN_ENV, interactive, plan, stopSignal} from './plan.js'
import {CodexReader} from './reader.js'

export default {
  plan,
  reader: (turn) => new CodexReader(turn),
  settle,
  stopSignal,
  interactive,
  isResumable,
  deleteCommand,
  // Codex 0.169.0 resumes a thread wherever it is started.
  move: () => Promise.resolve(true),
  neededBy,
  forget,
  probe,
  history,
} satisfies Backend

/** Codex 0.169.0. What it says of itself holds for its own provider; one of the user's own has its own key. */
function probe({env}: Host): readonly Question[] {
  return [
    versionQuestion(CLEAN_ENV),
    {...program(['login', 'status'], CLEAN_ENV), read: (answer: ProgramAnswer) => signIn(answer, env)},
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
  return code === 0 ? {signedIn: true, account: /ChatGPT|access token|API key/i.exec(text)?.[0]} : {}
}

/** `model_provider` of config.toml, where it is not OpenAI. */
async function ownProvider(files: Pick<Files, 'list' | 'read'>, env: Host['env']): Promise<Findings> {
  const {CODEX_HOME: home} = env
  const path = (await files.list()).find((file) => !home || file.startsWith(home))
  const [top = '', ...tables] = path === undefined ? [] : (await files.read(path)).split(/^\s*\[/m)
  const provider = valueOf(top, 'model_provider')
  if (provider === undefined || provider === 'openai') return {}
  const heads = [`model_providers.${provider}]`, `model_providers."${provider}"]`]
  const table = tables.find((table) => heads.some((head) => table.startsWith(head))) ?? ''
  if (/^\s*requires_openai_auth\s*=\s*true/m.test(table)) return {}
  const key = valueOf(table, 'env_key')
  const detail = `Codex uses the provider ${provider} of its config.toml`
  if (key === undefined) return {signedIn: 'unknown', detail: `${detail}.`}
  return env[key]
    ? {signedIn: true, account: key}
    : {signedIn: false, detail: `${detail}, and ${key} is not set.`}
}

function valueOf(toml: string, key: string): string | undefined {
  return new RegExp(`^\\s*${key}\\s*=\\s*["']([\\w .-]+)["']`, 'm').exec(toml)?.[1]
}
