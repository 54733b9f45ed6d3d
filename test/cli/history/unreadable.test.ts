import assert from 'node:assert/strict'
import {renameSync, rmSync, symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {CliUser} from '../../support/cli-user.js'
import {linkKeeperAgent} from '../../support/keeper-agent.js'
import {ends} from '../../support/sandbox.js'

describe('what an agent keeps and nobody can read', () => {
  const user = new CliUser().forEachTest()
  const keeper = () => join(user.home, '.keeper')
  const [other, elsewhere] = [() => `${keeper()}-2`, () => join(user.home, 'elsewhere')]
  const said = (fruit: string) => {
    const prompt = {type: 'text', role: 'user', text: `one ${fruit}`, at: '2026-01-02T03:04:05.000Z'}
    return [{cwd: user.project}, prompt].map((line) => `${JSON.stringify(line)}\n`).join('')
  }
  beforeEach(() => {
    linkKeeperAgent(user, 'keeper', {directories: ['~/.keeper', '~/.keeper-2']})
    user.write('.keeper/open.jsonl', said('apple'))
    user.write('.keeper-2/inside.jsonl', said('pear'))
  })

  const run = (...words: string[]) => user.clinvk(words)
  const total = async (word: string) =>
    Number(/"total": (\d+)/.exec((await run('search', word, '--json')).stdout)?.[1])
  const listed = async () => (await run('sessions', 'list', '--all')).stdout.match(/one \w+/g)?.sort()
  const isTold = async (error: RegExp) => {
    for (const words of ['search one', 'history sync', 'search apple', 'sessions list --all', 'usage']) {
      const {code, stderr} = await run(...words.split(' '))
      assert.match(stderr, /^Note: A part of what keeper has recorded cannot be read: .*\n$/, words)
      assert.match(stderr, error)
      assert.equal(code, 0)
    }
  }
  /** A link that leads to itself: root cannot open it either. */
  const close = () => {
    renameSync(other(), elsewhere())
    symlinkSync(other(), other())
  }
  const open = () => {
    rmSync(other())
    renameSync(elsewhere(), other())
  }

  it('hides nothing else if it is a folder, is named, and read once that is possible', async () => {
    close()
    await isTold(/ELOOP.*\.keeper-2$/m)
    assert.deepEqual([await total('apple'), await total('pear'), await listed()], [1, 0, ['one apple']])
    open()
    await ends(run('history', 'sync'), {code: 0, stderr: ''})
    await ends(run('search', 'pear'), {code: 0, stderr: ''})
    const all = ['one apple', 'one pear']
    assert.deepEqual(await listed(), all)
    // It is not taken for deleted.
    close()
    assert.deepEqual([await listed(), await total('pear')], [all, 1])
  })

  it('is read up to the damage if it is a record, and tried again each time', async () => {
    const damaged = gzipSync(said('plum') + ' '.repeat(400_000), {level: 0})
    user.write('.keeper/record.jsonl', damaged.subarray(0, -50_000))
    await isTold(/unexpected end of file/)
    assert.deepEqual(await listed(), ['one apple', 'one pear', 'one plum'])
  })

  it('is listed again when the agent has it back as it was', async () => {
    assert.equal((await listed())?.length, 2)
    renameSync(other(), elsewhere())
    assert.deepEqual(await listed(), ['one apple'])
    renameSync(elsewhere(), other())
    assert.equal((await listed())?.length, 2)
  })
})
