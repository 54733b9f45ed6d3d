import assert from 'node:assert/strict'
import {existsSync, readFileSync, utimesSync} from 'node:fs'
import {join} from 'node:path'
import {linkBackendPlugin} from '../support/link-plugin.js'
import {ends, ROOT, Sandbox} from '../support/sandbox.js'
import {waitFor} from '../support/wait-for.js'

/** `~/.slow/<id>` says what its conversation is: a prompt, or `endless`, which has ever more of them. */
const BACKEND = `
import {writeFileSync} from 'node:fs'
import {setTimeout} from 'node:timers/promises'
export default {
  plan: () => ({kind: 'invocation', args: [], stdin: ''}),
  reader: () => ({line: () => [], end: () => ({outcome: 'success'})}),
  history: {
    conversations: async (files) => (await files.list()).map((path) => ({id: path.split('/').at(-1), paths: [path]})),
    async *transcript({id, paths: [path]}, files) {
      const text = await files.read(path)
      const prompt = (count) => ({type: 'text', role: 'user', id: id + count, at: '2026-01-01T00:00:00Z', text})
      yield prompt(0)
      if (text !== 'endless') return
      writeFileSync(process.env.HOME + '/begun', '')
      for (let count = 1; ; count++) {
        await setTimeout(5)
        yield prompt(count)
      }
    },
  },
}
`

describe('the history', () => {
  const user = new Sandbox().forEachTest()
  const place = (name: string) => join(user.home, '.clinvk/history', name)

  beforeEach(() => {
    linkBackendPlugin(user, 'slow', BACKEND, {descriptor: {directories: ['~/.slow']}})
    user.write('.slow/first', 'an owl')
    utimesSync(join(user.home, '.slow/first'), 1, 1)
  })

  const found = async (word: string, env = {}) => {
    const {stderr, stdout} = await ends(user.clinvk(['search', '--json', word], {env}), {code: 0})
    return {stderr, total: (JSON.parse(stdout) as {total: number}).total}
  }

  it('keeps what was read until Ctrl-C, is read by one process at a time, and goes on the next time', async () => {
    const endless = user.write('.slow/second', 'endless')
    const running = user.start(['history', 'sync'])
    await waitFor('the second conversation', () => existsSync(join(user.home, 'begun')))
    const other = await ends(user.clinvk(['history', 'sync']), {code: 0})
    assert.equal(other.stdout, 'Another clinvk process reads them already.\n')
    running.child.kill('SIGINT')
    await ends(running.finished, {code: 130})
    assert.equal((await found('owl')).total, 1)
    user.write(endless.slice(user.home.length + 1), 'a fox')
    await ends(user.clinvk(['history', 'sync']), {code: 0, stdout: 'Read 1 of 2 conversations.\n'})
    assert.equal((await found('fox')).total, 1)
  })

  it('is renewed after a search, by a process of its own, once a minute', async () => {
    assert.equal((await found('owl')).total, 1)
    user.write('.slow/second', 'a fox')
    assert.equal((await found('fox')).total, 0)
    const {pid} = process
    utimesSync(place('synced'), 1, 1)
    assert.equal((await found('fox')).total, 0)
    await waitFor('the sync', () => readFileSync(place('sources.json'), 'utf8').includes('slow/second'))
    await waitFor('its end', () => !existsSync(place('lock')))
    assert.notEqual(readFileSync(place('synced'), 'utf8'), String(pid))
    assert.equal((await found('fox')).total, 1)
  })

  it('is searched without SQLite, too, and says in a line what is missing', async () => {
    const env = {NODE_OPTIONS: `--require ${join(ROOT, 'test/e2e/processes/no-sqlite.cjs')}`}
    const {stderr, total} = await found('OWL', env)
    assert.equal(total, 1)
    assert.match(stderr, /^Note: .*no SQLite.*\n$/)
  })
})
