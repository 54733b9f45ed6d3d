import assert from 'node:assert/strict'
import {chmodSync, rmSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {missingFiles} from '../../src/doctor/set-up.js'
import {doctor, onlyWrong, wrong} from '../support/doctor.js'
import {InventedAgents} from '../support/invented-agents.js'
import {ends, Sandbox} from '../support/sandbox.js'

describe('doctor, about the set-up,', () => {
  const user = new InventedAgents().forEachTest()
  user.inProcess = true
  beforeEach(() => (user.env.CLINVK_BACKEND = 'echo'))

  it('says what it has looked at, and leaves an empty home empty', async () => {
    const {stdout} = await ends(user.clinvk(['doctor']), {code: 0})
    assert.doesNotMatch(stdout, /\u001B/)
    for (const line of [
      /^ok {8}clinvk 0\.1\.0 in \//m,
      /^ok {8}Node \d+\./m,
      /^ok {8}no settings file \(.*config\.yaml\): the defaults$/m,
      /^ok {8}your plugins: none$/m,
      /^ok {8}0 sessions in /m,
      /^ok {8}completion/m,
    ])
      assert.match(stdout, line)
    assert.equal(statSync(join(user.home, '.clinvk'), {throwIfNoEntry: false}), undefined)
  })

  it('runs with a broken settings file, and says where it is broken', async () => {
    const file = user.write(
      '.clinvk/config.yaml',
      'default_backend: echo\nunified_flags:\n  max_turns: lots\n',
    )
    const {code, findings} = await doctor(user)
    const [line] = findings.filter(({check}) => check === 'settings')
    assert.deepEqual({code, state: line?.state}, {code: 1, state: 'problem'})
    assert.ok(line?.message.startsWith(`${file}:3:`), line?.message)
    assert.match(line!.message, /unified_flags\.max_turns/)
  })

  it('closes the home of clinvk to others with --fix', async () => {
    await user.clinvk(['hello'])
    const home = join(user.home, '.clinvk')
    chmodSync(home, 0o755)
    const {message, repairable, state} = onlyWrong(await doctor(user), 'home')
    assert.deepEqual({repairable, state}, {repairable: true, state: 'warning'})
    assert.match(message, /Other users of this machine can read .* \(mode 755\)/)
    assert.equal(statSync(home).mode & 0o777, 0o755)

    const {code, stdout} = await user.clinvk(['doctor', '--fix'])
    assert.equal(code, 0)
    assert.match(stdout, /^repaired {2}Made .*\.clinvk private \(mode 700\)\.$/m)
    assert.match(stdout, /No problems found\.\n$/)
    assert.equal(statSync(home).mode & 0o777, 0o700)
  })

  it('finds that the home of clinvk cannot be created', async () => {
    user.env.CLINVK_HOME = join(user.write('a-file', ''), 'below')
    const {message, state} = onlyWrong(await doctor(user), 'store')
    assert.equal(state, 'problem')
    assert.match(message, /a-file\/below cannot be created, so no session is kept: /)
  })

  it('names a plugin that is gone, does not load, or does not fit', async () => {
    user.linkBackend('gone', 'export default {plan() {}, reader() {}}')
    user.linkBackend('broken', 'throw new Error("no luck")')
    user.linkBackend('future', 'export default {}', {contract: 99})
    rmSync(join(user.home, 'plugins/clinvk-backend-gone'), {recursive: true})
    const found = await doctor(user)
    assert.equal(found.code, 1)
    const messages = wrong(found, 'plugins').map(({message, state}) => `${state}: ${message}`)
    assert.equal(messages.length, 3, messages.join('\n'))
    assert.match(
      messages[0]!,
      /^problem: The plugin clinvk-backend-gone does not load from .*\/plugins\/clinvk-backend-gone: there is no .*package\.json\.$/,
    )
    assert.match(messages[1]!, /^problem: clinvk-backend-future cannot be used as a backend: .*contract 99/)
    assert.match(messages[2]!, /^problem: The backend broken does not load: no luck$/)
  })

  it('warns of a backend that is hidden by another of its name', async () => {
    user.linkBackend('echo', 'export default {plan() {}, reader() {}}', {pack: 'louder'})
    const {message} = onlyWrong(await doctor(user), 'plugins')
    assert.match(
      message,
      /^The backend echo of clinvk-backend-echo is not used: louder has one of that name\.$/,
    )
  })

  it('says so where plugins are switched off', async () => {
    const {stdout} = await user.clinvk(['doctor'], {env: {CLINVK_NO_PLUGINS: '1', FORCE_COLOR: '1'}})
    assert.match(stdout, /^\u001B\[33mwarning.*CLINVK_NO_PLUGINS/m)
    assert.match(stdout, /^\u001B\[32mok/m)
  })
})

describe('what doctor goes by', () => {
  it('misses files of commands, hooks and backends', () => {
    const user = new Sandbox()
    const root = user.home
    const commands = ['here.js', 'gone.js'].map((name) => ({relativePath: ['dist', name]}))
    user.write('dist/here.js', '')
    const pjson = {
      oclif: {hooks: {doctor: './dist/hook.js'}},
      clinvk: {backends: {a: {module: './dist/here.js', executable: './agent.js'}}},
    }
    const missing = missingFiles({root, pjson: pjson as never, commands: commands as never})
    user.remove()
    assert.deepEqual(
      missing,
      ['agent.js', 'dist/hook.js', 'dist/gone.js'].map((file) => join(root, file)),
    )
  })
})
