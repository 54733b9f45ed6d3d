import assert from 'node:assert/strict'
import {chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../../support/cli-user.js'
import {ends, json, ROOT} from '../../support/sandbox.js'
import {scenes} from '../../support/scenes.js'

describe('clinvk config', () => {
  const user = new CliUser().forEachTest()
  let file: string
  beforeEach(() => (file = join(user.home, '.clinvk/config.yaml')))

  const config = (words: readonly string[], env: Record<string, string> = {}) =>
    user.clinvk(['config', ...words], {env})
  const write = (yaml: string) => user.write('.clinvk/config.yaml', yaml)
  const text = () => readFileSync(file, 'utf8')

  scenes(user, 'config')

  it('alone shows what it can do', async () => {
    const {stdout} = await ends(config([]), {code: 0})
    for (const name of ['edit', 'get', 'init', 'path', 'set', 'show', 'unset', 'validate'])
      assert.match(stdout, RegExp(`^  config ${name} `, 'm'))
  })

  it('show names every value and where it comes from', async () => {
    write('# mine\nsession:\n  retention_days: 7\nserver:\n  port: 9000\n')
    user.write('project/.clinvk.yaml', 'unified_flags:\n  sandbox_mode: read-only\n')
    const {stdout} = await ends(config(['show'], {CLINVK_CLAUDE_MODEL: 'opus'}), {code: 0, stderr: ''})
    const lines = stdout.split('\n').map((line) => line.replaceAll(/ {2,}#/g, ' #'))
    for (const line of [
      `# user file: ${file}`,
      `# project file: ${join(user.project, '.clinvk.yaml')}`,
      'default_backend: claude # default',
      '  sandbox_mode: read-only # project file, line 2',
      '    model: opus # CLINVK_CLAUDE_MODEL',
      '  retention_days: 7 # user file, line 3',
      'server: # for the server plugin',
      '  port: 9000 # user file, line 5',
    ])
      assert.ok(lines.includes(line), `${line} is missing in\n${stdout}`)
  })

  it('set makes the file, for its owner alone', async () => {
    const {code, stderr, stdout} = await config(['set', 'default_backend', 'echo'])
    assert.deepEqual(
      {code, stderr, stdout},
      {code: 0, stderr: '', stdout: `Set default_backend = echo in ${file}\n`},
    )
    assert.equal(text(), 'default_backend: echo\n')
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal((await user.clinvk(['hello there'])).stdout, 'You said: hello there\n')
  })

  it('set keeps comments, order and everything else, and takes away the rights of others', async () => {
    write(FILE)
    chmodSync(file, 0o644)
    for (const words of [
      ['session.retention_days', '7'],
      ['session.default_tags', '["a,b", "c"]'],
      ['output.format', 'json'],
      ['backends.claude.model', 'opus'],
      ['backends.gemini.enabled', 'no'],
    ])
      assert.equal((await config(['set', ...words])).code, 0)
    assert.equal(text(), FILE_AFTERWARDS)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.deepEqual(readdirSync(join(user.home, '.clinvk')), ['config.yaml'], 'no temporary file is left')
  })

  it('set leaves a link a link', async () => {
    const real = user.write('dotfiles/clinvk.yaml', '# mine\n')
    user.directory('.clinvk')
    symlinkSync(real, file)
    assert.equal((await config(['set', 'default_backend', 'echo'])).code, 0)
    assert.ok(lstatSync(file).isSymbolicLink())
    assert.equal(readFileSync(real, 'utf8'), '# mine\n\ndefault_backend: echo\n')
  })

  it('unset takes a key out, and leaves what was written above it', async () => {
    write(FILE)
    const {code, stdout} = await config(['unset', 'session.retention_days'])
    assert.deepEqual({code, stdout}, {code: 0, stdout: `Removed session.retention_days from ${file}\n`})
    assert.equal(text(), FILE.replace('    retention_days: 14 # two weeks\n', ''))
    assert.equal((await config(['get', 'session.retention_days'])).stdout, '30\n')
  })

  it('init writes a file in which everything is explained and nothing is set', async () => {
    assert.equal((await config(['init'])).code, 0)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.match(
      text(),
      / {2}# Days that sessions clean keeps sessions; 0: it deletes nothing\.\n {2}# retention_days: 30\n/,
    )
    await ends(config(['validate']), {code: 0, stderr: ''})
    const {settings} = json(await config(['show', '--json'])) as {
      settings: Record<string, {source: string}>
    }
    assert.deepEqual([...new Set(Object.values(settings).map(({source}) => source))], ['default'])
  })

  it('init is right with every line of it in force', async () => {
    await config(['init'])
    write(text().replaceAll(/^( *)# (?=[ a-z_]+: ?[^ ]*( #.*)?$|[ a-z_]+: [["])/gm, '$1'))
    await ends(config(['validate']), {code: 0, stderr: '', stdout: `Valid: ${file}\n`})
    assert.equal((await config(['get', 'backends.gemini.enabled'])).stdout, 'false\n')
  })

  it('init has every section, and unset undoes what set has done to it', async () => {
    await config(['init'])
    const fresh = text()
    for (const section of ['session', 'server', 'plugins', 'trust'])
      assert.match(fresh, RegExp(`^${section}:$`, 'm'))
    await config(['set', 'session.auto_resume', 'true'])
    await config(['set', 'session.default_tags', 'a,b'])
    await config(['set', 'backends.claude.model', 'opus'])
    await config(['unset', 'backends.claude.model'])
    await config(['unset', 'session'])
    assert.equal(text(), fresh)
    assert.match((await config(['unset', 'session'])).stdout, /^session is not set/)
  })

  it('takes a file that clinvoker has written, unchanged', async () => {
    // What `config set` of 0.2.0 leaves: texts for numbers and switches, empty texts for what is not set.
    write(readFileSync(join(ROOT, 'test/fixtures/settings/clinvoker.yaml'), 'utf8'))
    const finished = await ends(user.clinvk(['hello']), {code: 0, stderr: ''})
    assert.equal(json(finished).content, 'You said: hello')
    assert.deepEqual(user.sessions()[0]?.tags, ['team', 'mine'])
    await ends(config(['get', 'unified_flags.max_turns']), {stdout: '0\n'})
  })
})

const [FILE, FILE_AFTERWARDS] = ['commented', 'commented-after-set'].map((name) =>
  readFileSync(join(ROOT, `test/fixtures/settings/${name}.yaml`), 'utf8'),
) as [string, string]
