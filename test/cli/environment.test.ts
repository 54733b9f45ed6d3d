import assert from 'node:assert/strict'
import {copyFileSync, existsSync, mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../support/cli-user.js'
import {linkBackendPlugin, linkPlugin} from '../support/link-plugin.js'
import {ends} from '../support/sandbox.js'

/** What the agent is given as its environment, and where clinvk keeps its own files. */
describe('the environment', () => {
  const user = new CliUser({CLINVK_BACKEND: 'env'}).forEachTest()
  beforeEach(() => {
    const backend = `export default {plan: () => ({kind: 'invocation', args: [], stdin: ''}),
      reader: () => ({line: (text) => [{type: 'text', text}], end: () => ({outcome: 'success'})})}`
    const agent = 'console.log(JSON.stringify(process.env))'
    linkBackendPlugin(user, 'env', backend, {agent, descriptor: {capabilities: {ephemeral: true}}})
  })

  const environment = async (words: string[] = [], env: Record<string, string> = {}) => {
    const {stdout} = await ends(user.clinvk(['x y', '--ephemeral', ...words], {env}), {code: 0})
    return JSON.parse(stdout) as Record<string, string>
  }

  it("is the user's own: output.color: false sets no NO_COLOR for the agent", async () => {
    user.write('.clinvk/config.yaml', 'output: {color: false}\n')
    assert.equal((await environment()).NO_COLOR, undefined)
    assert.equal((await environment([], {NO_COLOR: '1'})).NO_COLOR, '1')
  })

  it('output.color: false takes the colours out of what clinvk prints, also of errors', async () => {
    const env = {FORCE_COLOR: '1'}
    const words = ['x y', '-b', 'nobody']
    const colored = await user.clinvk(words, {env})
    assert.ok(colored.stderr.startsWith('\u001B[31mError:'), colored.stderr)
    user.write('.clinvk/config.yaml', 'output: {color: false}\n')
    assert.ok((await user.clinvk(words, {env})).stderr.startsWith('Error:'))
  })

  it('CLINVK_HOME moves everything that clinvk keeps, and sets nothing for the agent', async () => {
    const home = user.directory('elsewhere')
    movePlugins(home)
    const env = await environment([], {CLINVK_HOME: home})
    assert.equal(env.CLINVK_HOME, home)
    for (const name of ['CLINVK_DATA_DIR', 'CLINVK_CONFIG_DIR', 'CLINVK_CACHE_DIR'])
      assert.equal(env[name], undefined, name)
    await user.clinvk(['x y'], {env: {CLINVK_HOME: home}})
    assert.ok(existsSync(join(home, 'sessions')))
    assert.ok(!existsSync(join(user.home, '.clinvk')))
  })

  it('CLINVK_DATA_DIR wins over CLINVK_HOME, and XDG_DATA_HOME moves plugins where neither is set', async () => {
    const list = join(user.home, '.local/share/clinvk')
    await environment([], {CLINVK_HOME: user.directory('elsewhere'), CLINVK_DATA_DIR: list})
    await environment([], {XDG_DATA_HOME: join(user.home, '.local/share')})
    await ends(user.clinvk(['x y'], {env: {XDG_DATA_HOME: user.directory('nothing')}}), {code: 2})
  })

  it('holds what is passed to a call alone: two calls in one process do not share it', async () => {
    assert.equal((await environment([], {ONE: '1'})).ONE, '1')
    assert.equal((await environment()).ONE, undefined)
  })

  it('a command of a plugin sees the directories of CLINVK_HOME, too', async () => {
    const show =
      'export default class { static id = "dirs"; static run(argv, config) { console.log(config.dataDir, config.cacheDir) } }'
    const oclif = {commands: './commands'}
    linkPlugin(user, 'clinvk-plugin-dirs', {oclif}, {'commands/dirs.js': show})
    const home = user.directory('elsewhere')
    movePlugins(home)
    const {stderr, stdout} = await user.clinvk(['dirs'], {env: {CLINVK_HOME: home}})
    assert.equal(stdout, `${join(home, 'plugins')} ${join(home, 'cache')}\n`, stderr)
  })

  /** Copies the list of plugins to where `CLINVK_HOME` has it. */
  const movePlugins = (home: string) => {
    mkdirSync(join(home, 'plugins'))
    copyFileSync(join(user.home, '.local/share/clinvk/package.json'), join(home, 'plugins/package.json'))
  }
})
