import assert from 'node:assert/strict'
import codex from 'clinvk-backend-codex'
import gemini from 'clinvk-backend-gemini'
import type {Backend, Findings, Host} from 'clinvk-contract'

/** Ways to be signed in that no test can have for real. Each is told from the environment and the agent's files alone. */
describe('signed in or not, by its files and the environment,', () => {
  const ENCRYPTED = {GOOGLE_GENAI_USE_GCA: 'true', GEMINI_FORCE_ENCRYPTED_FILE_STORAGE: 'true'}
  const OWN = 'model_provider = "mine"\n[model_providers.mine]\nenv_key = "MY_KEY"\n'
  const CASES: [name: string, backend: Backend, env: Host['env'], files: Record<string, string>, is: Findings][] = [
    ['gemini with nothing', gemini, {}, {}, {signedIn: false}],
    ['gemini with a key', gemini, {GEMINI_API_KEY: 'x'}, {}, {signedIn: true, account: 'GEMINI_API_KEY'}],
    ['gemini with a .env file', gemini, {}, {'.gemini/.env': ''}, {signedIn: 'unknown'}],
    ['gemini with a Google account', gemini, {GOOGLE_GENAI_USE_GCA: 'true'}, {'.gemini/oauth_creds.json': ''}, {signedIn: true, account: 'Google account'}],
    ['gemini with a Google account that has gone', gemini, {GOOGLE_GENAI_USE_GCA: 'true'}, {}, {signedIn: false}],
    ['gemini with one that the system keeps', gemini, ENCRYPTED, {}, {signedIn: 'unknown'}],
    ['gemini with Vertex AI and a key', gemini, {GOOGLE_GENAI_USE_VERTEXAI: 'true', GOOGLE_API_KEY: 'x'}, {}, {signedIn: true, account: 'GOOGLE_API_KEY'}],
    ['gemini with Vertex AI and nothing else', gemini, {GOOGLE_GENAI_USE_VERTEXAI: 'true'}, {}, {signedIn: false}],
    ['gemini with a way of another version', gemini, {}, {'.gemini/settings.json': '{"selectedAuthType": "telepathy"}'}, {signedIn: 'unknown'}],
    ['gemini with a key in the keychain', gemini, {}, {'.gemini/settings.json': '{"selectedType": "gemini-api-key"}'}, {signedIn: 'unknown'}],
    ['codex without settings', codex, {}, {}, {}],
    ['codex with OpenAI', codex, {}, {'.codex/config.toml': 'model_provider = "openai"'}, {}],
    ['codex with a provider and its key', codex, {MY_KEY: 'x'}, {'.codex/config.toml': OWN}, {signedIn: true, account: 'MY_KEY'}],
    ['codex with a provider without its key', codex, {}, {'.codex/config.toml': OWN}, {signedIn: false}],
    ['codex with a provider that needs none', codex, {}, {'.codex/config.toml': 'model_provider = "local"'}, {signedIn: 'unknown'}],
    ['codex with a provider that goes by OpenAI', codex, {}, {'.codex/config.toml': `${OWN}requires_openai_auth = true\n`}, {}],
  ] // prettier-ignore
  for (const [name, backend, env, files, expected] of CASES) {
    it(`${name}: ${String(expected.signedIn)}`, async () => {
      const host = {platform: 'linux', isRoot: false, env, scratch: '/scratch'}
      const question = backend.probe!(host).find(({kind}) => kind === 'files')
      assert.equal(question?.kind, 'files')
      const {detail, ...found} = await question.read({
        list: () => Promise.resolve(Object.keys(files)),
        read: (path) => Promise.resolve(files[path]!),
      })
      assert.deepEqual(found, expected)
      if (found.signedIn === 'unknown') assert.match(detail!, /\.$/)
    })
  }
})
