import assert from 'node:assert/strict'
import {readdirSync, rmSync} from 'node:fs'
import {backends} from '../support/doctor.js'
import {join} from 'node:path'
import {withEveryAgent} from '../support/agent-user.js'
import {each, ends} from '../support/sandbox.js'

/** The real agents, asked by `clinvk backends`. They share two processors with other tests, so they have time. */
describe('real agents', () => {
  const machine = withEveryAgent()
  const PATIENT = ['--timeout', '60s']

  it('tell their versions and by what they are signed in; no model is called', async () => {
    const found = backends(await machine.user.clinvk(['backends', '--json', ...PATIENT]))
    const facts = each(found, 'name', 'version', 'version_standing', 'signed_in', 'account')
    assert.deepEqual(facts, [
      ['claude', '2.1.197', 'tested', true, 'ANTHROPIC_API_KEY'],
      ['codex', '0.169.0', 'tested', true, 'MODEL_SERVER_KEY'],
      ['echo', '0.1.0', undefined, undefined, undefined],
      ['gemini', '0.61.0', 'tested', true, 'GEMINI_API_KEY'],
      ['opencode', '1.18.33', 'tested', true, 'MODEL_SERVER_KEY'],
    ])
    assert.deepEqual(machine.server.calls, [])
  })

  it('tell that they are not signed in, and the table how to do it', async () => {
    const {user} = machine
    for (const directory of ['.codex', '.gemini']) rmSync(join(user.home, directory), {recursive: true})
    delete user.env.ANTHROPIC_API_KEY
    delete user.env.GEMINI_API_KEY
    delete user.env.GOOGLE_GEMINI_BASE_URL
    delete user.env.MODEL_SERVER_KEY
    const {stdout} = await ends(user.clinvk(['backends', ...PATIENT]), {code: 0})
    for (const row of [
      /^claude \* +Claude Code +2\.1\.197 tested +not signed in /m,
      /^codex +Codex +0\.169\.0 tested +not signed in /m,
      /^gemini +Gemini CLI +0\.61\.0 tested +not signed in /m,
      /^opencode +OpenCode +1\.18\.33 tested +/m,
      /^opencode: .*It has no key of any provider; some models need none\.$/m,
      /^claude: to sign in: Run `claude` and type \/login, or set ANTHROPIC_API_KEY\.$/m,
      /^codex: to sign in: Run `codex login`, or set CODEX_API_KEY\.$/m,
      /^gemini: to sign in: .*GEMINI_API_KEY\.$/m,
    ])
      assert.match(stdout, row)
  })

  it('may be signed in by what they keep themselves, of which nothing is shown', async () => {
    const {user} = machine
    const secret = 'sk-invented-secret-of-the-tests'
    delete user.env.GEMINI_API_KEY
    rmSync(join(user.home, '.codex/config.toml'))
    const login = user.run('codex', ['login', '--with-api-key'], {stdin: secret})
    assert.equal((await login.finished).code, 0)
    user.write('.gemini/settings.json', '{"security": {"auth": {"selectedType": "oauth-personal"}}}')
    user.write('.gemini/oauth_creds.json', JSON.stringify({access_token: secret}))
    delete user.env.MODEL_SERVER_KEY
    user.write('.local/share/opencode/auth.json', JSON.stringify({invented: {type: 'api', key: secret}}))
    const finished = await user.clinvk(['backends', '--json', ...PATIENT])
    const accounts = each(backends(finished), 'name', 'signed_in', 'account')
    assert.deepEqual(accounts[1], ['codex', true, 'API key'])
    assert.deepEqual(accounts[3], ['gemini', true, 'Google account'])
    assert.deepEqual(accounts[4], ['opencode', true, 'Model server'])
    assert.doesNotMatch(finished.stdout, /sk-|invented-secret/)
  })

  it('are left as they were: a question of clinvk makes no files of gemini', async () => {
    const {user} = machine
    const before = readdirSync(join(user.home, '.gemini'))
    await user.clinvk(['backends', 'gemini', ...PATIENT])
    assert.deepEqual(readdirSync(join(user.home, '.gemini')), before)
    assert.deepEqual(readdirSync(join(user.home, 'tmp')), [])
  })
})
