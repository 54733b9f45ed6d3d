import {mkdirSync, writeFileSync} from 'node:fs'
import {delimiter, dirname, join} from 'node:path'
import {ROOT} from './sandbox.js'

/** The folder of the agents' programs: `node build/setup.js --agents` installs them. */
export const AGENT_PROGRAMS = join(ROOT, 'test/agents/programs/node_modules/.bin')

/** Where an agent runs: `home` is a directory of the test's own, `path` the value of PATH besides the agents, `url` the model server's. */
interface Place {
  readonly url: string
  readonly home: string
  readonly path: string
}

type Env = Record<string, string>

const KEY = 'invented-key-of-the-tests'

/** The whole environment of an agent, made from nothing, so that no setting and no credential of this machine gets in. */
function envOf({home, path}: Place, more: Env): Env {
  const PATH = [AGENT_PROGRAMS, path].join(delimiter)
  return {PATH, HOME: home, TMPDIR: join(home, 'tmp'), LANG: 'C.UTF-8', TERM: 'dumb', ...more}
}

/** As root, `--dangerously-skip-permissions` needs IS_SANDBOX=1 besides. */
export function claudeEnv(place: Place): Env {
  return envOf(place, {
    // Else claude takes zsh where there is one, which takes patterns in another way.
    SHELL: '/bin/bash',
    ANTHROPIC_API_KEY: KEY,
    ANTHROPIC_BASE_URL: place.url,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_TELEMETRY: '1',
  })
}

export interface CodexSettings {
  /** Whether codex tries a failed call again as often as it does by itself; not at all when left out. */
  readonly retries?: 'none' | 'its own'
  /** What commands may do where no flag says it; codex decides when left out. */
  readonly sandbox?: 'workspace-write'
}

/** Writes codex's `config.toml`, too; nothing in it asks the network. */
export function codexEnv(place: Place, {retries = 'none', sandbox}: CodexSettings = {}): Env {
  write(
    place.home,
    '.codex/config.toml',
    `${sandbox === undefined ? '' : `sandbox_mode = "${sandbox}"`}
model = "gpt-5.5"
model_provider = "model-server"
check_for_update_on_startup = false
[model_providers.model-server]
name = "model server"
base_url = "${place.url}/openai/v1"
env_key = "MODEL_SERVER_KEY"
wire_api = "responses"
${retries === 'none' ? 'request_max_retries = 0\nstream_max_retries = 0' : ''}
[features]
plugins = false
apps = false
[analytics]
enabled = false
`,
  )
  return envOf(place, {MODEL_SERVER_KEY: KEY})
}

export interface GeminiSettings {
  /** Attempts at a model call, with 5 to 35 s between them; `default` is gemini's own number, 10. */
  readonly maxAttempts?: number | 'default'
  /** gemini's own clean-up of old sessions, on by default: it is what loses resumed sessions (0.61.0). */
  readonly cleanUp?: boolean
  /** Anything else, by its top-level key. */
  readonly more?: Readonly<Record<string, object>>
}

/** PATH must have `node`. */
export function geminiEnv(place: Place): Env {
  writeGeminiSettings(place.home)
  return envOf(place, {
    GEMINI_API_KEY: KEY,
    GOOGLE_GEMINI_BASE_URL: place.url,
    GEMINI_TELEMETRY_ENABLED: 'false',
  })
}

export function writeGeminiSettings(
  home: string,
  {cleanUp, maxAttempts = 1, more}: GeminiSettings = {},
): void {
  const settings = {
    // Without a selected type and with a base URL, gemini says "Invalid auth method selected."
    security: {auth: {selectedType: 'gemini-api-key'}},
    privacy: {usageStatisticsEnabled: false},
    telemetry: {enabled: false},
    general: {
      enableAutoUpdate: false,
      enableAutoUpdateNotification: false,
      ...(maxAttempts !== 'default' && {maxAttempts}),
      ...(!cleanUp && {sessionRetention: {enabled: false}}),
    },
    ...more,
  }
  write(home, '.gemini/settings.json', settings)
}

/**
 * Writes a catalogue of models with one vendor in it, too, which is the model server
 * and counts as signed in by its key in the environment; nothing asks the network.
 */
export function opencodeEnv(place: Place): Env {
  const {home, url} = place
  writeOpencodeSettings(home)
  // At its start, opencode 1.18.33 installs a package from the registry beside its settings, unless it is there.
  const dependencies = {'@opencode-ai/plugin': '1.18.33'}
  mkdirSync(join(home, '.config/opencode/node_modules'), {recursive: true})
  write(home, '.config/opencode/package.json', {dependencies})
  write(home, '.config/opencode/package-lock.json', {packages: {'': {dependencies}}})
  // As models.dev describes a vendor.
  const invented = {
    id: 'invented',
    name: 'Model server',
    npm: '@ai-sdk/openai-compatible',
    api: `${url}/v1`,
    env: ['MODEL_SERVER_KEY'],
    models: Object.fromEntries(['model-a', 'model-b', 'model-c'].map((id) => [id, opencodeModel(id)])),
  }
  return envOf(place, {
    MODEL_SERVER_KEY: KEY,
    OPENCODE_MODELS_PATH: write(home, 'models.json', {invented}),
    OPENCODE_DISABLE_AUTOUPDATE: 'true',
    OPENCODE_DISABLE_DEFAULT_PLUGINS: 'true',
    OPENCODE_DISABLE_LSP_DOWNLOAD: 'true',
    OPENCODE_DISABLE_MODELS_FETCH: 'true',
  })
}

/** What of opencode's settings matters to a test, by its top-level key. */
export function writeOpencodeSettings(home: string, more: Readonly<Record<string, unknown>> = {}): void {
  const settings = {model: 'invented/model-a', autoupdate: false, share: 'disabled', ...more}
  write(home, '.config/opencode/opencode.json', settings)
}

const opencodeModel = (id: string) => ({
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

function write(home: string, name: string, content: unknown): string {
  const path = join(home, name)
  mkdirSync(dirname(path), {recursive: true})
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}
