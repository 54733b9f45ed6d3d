import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

/** What of opencode's settings matters to a test, by its top-level key. */
export type OpencodeSettings = Readonly<Record<string, unknown>>

/** Writes the settings file of opencode in a test's home. */
export function writeOpencodeSettings(home: string, more: OpencodeSettings = {}): void {
  const settings = {model: 'invented/model-a', autoupdate: false, share: 'disabled', ...more}
  writeJson(home, '.config/opencode/opencode.json', settings)
}

/**
 * The whole environment for running opencode against a model server, made from nothing, so that no setting and no
 * credential of this machine gets in. Writes a catalogue of models with one vendor in it, which is the model server
 * and counts as signed in by its key in the environment; nothing asks the network.
 */
export function opencodeEnv({
  url,
  home,
  path,
}: {
  url: string
  home: string
  path: string
}): Record<string, string> {
  doNotInstall(home)
  return {
    PATH: path,
    HOME: home,
    TMPDIR: join(home, 'tmp'),
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    MODEL_SERVER_KEY: 'invented-key-of-the-tests',
    OPENCODE_MODELS_PATH: writeJson(home, 'models.json', {invented: vendor(url)}),
    OPENCODE_DISABLE_AUTOUPDATE: 'true',
    OPENCODE_DISABLE_DEFAULT_PLUGINS: 'true',
    OPENCODE_DISABLE_LSP_DOWNLOAD: 'true',
    OPENCODE_DISABLE_MODELS_FETCH: 'true',
  }
}

/** As models.dev describes a vendor. */
const vendor = (url: string) => ({
  id: 'invented',
  name: 'Model server',
  npm: '@ai-sdk/openai-compatible',
  api: `${url}/v1`,
  env: ['MODEL_SERVER_KEY'],
  models: Object.fromEntries(['model-a', 'model-b', 'model-c'].map((id) => [id, model(id)])),
})

const model = (id: string) => ({
  id,
  name: id,
  release_date: '2026-01-01',
  attachment: false,
  reasoning: true,
  temperature: false,
  tool_call: true,
  cost: {input: 1, output: 1},
  limit: {context: 20_000_000, output: 32_000},
})

/** At its start, opencode 1.18.33 installs a package from the registry beside its settings, unless it is there. */
function doNotInstall(home: string): void {
  const dependencies = {'@opencode-ai/plugin': '1.18.33'}
  mkdirSync(join(home, '.config/opencode/node_modules'), {recursive: true})
  writeJson(home, '.config/opencode/package.json', {dependencies})
  writeJson(home, '.config/opencode/package-lock.json', {packages: {'': {dependencies}}})
}

function writeJson(home: string, name: string, value: unknown): string {
  const path = join(home, name)
  mkdirSync(join(path, '..'), {recursive: true})
  writeFileSync(path, JSON.stringify(value))
  return path
}
