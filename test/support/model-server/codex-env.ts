import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

export interface CodexOptions {
  /** Of the model server. */
  readonly url: string
  /** A directory of the test's own. */
  readonly home: string
  /** The value of PATH. */
  readonly path: string
  /** Whether codex tries a failed call again as often as it does by itself; not at all when left out. */
  readonly retries?: 'none' | 'its own'
  /** What commands may do where no flag says it; codex decides when left out. */
  readonly sandbox?: 'workspace-write'
}

/**
 * The whole environment for running codex against a model server, made from nothing, so that no setting and no
 * credential of this machine gets in. Writes codex's `config.toml`; nothing in it asks the network.
 */
export function codexEnv({home, path, retries = 'none', sandbox, url}: CodexOptions): Record<string, string> {
  const directory = join(home, '.codex')
  mkdirSync(directory, {recursive: true})
  writeFileSync(join(directory, 'config.toml'), config(url, retries, sandbox))
  return {
    PATH: path,
    HOME: home,
    TMPDIR: join(home, 'tmp'),
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    MODEL_SERVER_KEY: 'invented-key-of-the-tests',
  }
}

const config = (url: string, retries: CodexOptions['retries'], sandbox: CodexOptions['sandbox']) => `
${sandbox === undefined ? '' : `sandbox_mode = "${sandbox}"`}
model = "gpt-5.5"
model_provider = "model-server"
check_for_update_on_startup = false

[model_providers.model-server]
name = "model server"
base_url = "${url}/openai/v1"
env_key = "MODEL_SERVER_KEY"
wire_api = "responses"
${retries === 'none' ? NO_RETRIES : ''}
[features]
plugins = false
apps = false

[analytics]
enabled = false
`

const NO_RETRIES = `request_max_retries = 0
stream_max_retries = 0
`
