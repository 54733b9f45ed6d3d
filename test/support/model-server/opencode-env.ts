import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

/** What of opencode's settings matters to a test, by its top-level key. */
export type OpencodeSettings = Readonly<Record<string, unknown>>

/** Writes the settings file of opencode in a test's home: one provider, which is the model server, with some models. */
export function writeOpencodeSettings(home: string, url: string, more: OpencodeSettings = {}): void {
  const models = Object.fromEntries(MODELS.map((id) => [id, {name: id, tool_call: true, reasoning: true}]))
  const provider = {
    npm: '@ai-sdk/openai-compatible',
    name: 'model server',
    env: ['MODEL_SERVER_KEY'],
    options: {baseURL: `${url}/v1`},
    models,
  }
  const settings = {model: `invented/${MODELS[0]}`, provider: {invented: provider}, ...more}
  mkdirSync(join(home, '.config/opencode'), {recursive: true})
  writeFileSync(join(home, '.config/opencode/opencode.json'), JSON.stringify(settings))
}

/**
 * The whole environment for running opencode against a model server, made from nothing, so that no setting and no
 * credential of this machine gets in, and that asks the network nothing. `home` is a directory of the test's own,
 * `path` the value of PATH.
 */
export function opencodeEnv({home, path}: {home: string; path: string}): Record<string, string> {
  return {
    PATH: path,
    HOME: home,
    TMPDIR: join(home, 'tmp'),
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    MODEL_SERVER_KEY: 'invented-key-of-the-tests',
    OPENCODE_DISABLE_AUTOUPDATE: 'true',
    OPENCODE_DISABLE_DEFAULT_PLUGINS: 'true',
    OPENCODE_DISABLE_LSP_DOWNLOAD: 'true',
    OPENCODE_DISABLE_MODELS_FETCH: 'true',
  }
}

const MODELS = ['model-a', 'model-b', 'model-c'] as const
