import assert from 'node:assert/strict'
import {readdirSync} from 'node:fs'
import {backends} from '../support/doctor.js'
import {InventedAgents} from '../support/invented-agents.js'
import {ends, json} from '../support/sandbox.js'
import {scenes} from '../support/scenes.js'
import {waitFor} from '../support/wait-for.js'

describe('backends', () => {
  const user = new InventedAgents().forEachTest()
  const list = async (...words: string[]) => backends(await user.clinvk(['backends', '--json', ...words]))

  scenes(user, 'backends')

  it('whose agent hangs are unknown after the deadline; the others are told, and nothing of it lives on', async () => {
    user.install('claude', 'sleep 1000 & sleep 1000')
    user.install('codex', 'echo codex-cli 0.169.0')
    const {stdout} = await ends(user.clinvk(['backends', '--timeout', '2s']), {code: 0})
    assert.match(stdout, /^claude \* +Claude Code +unknown +unknown /m)
    assert.match(stdout, /^claude: `claude --version` gave no answer within 2\.0s\.$/m)
    assert.match(stdout, /^codex +Codex +0\.169\.0 tested /m)
    assert.deepEqual(user.processes(), [])
  })

  it('are no longer asked after Ctrl-C, and nothing of them lives on', async () => {
    user.install('claude', 'echo asked >> "$HOME/asked"; sleep 1000')
    const running = user.start(['backends', '--timeout', '1h'])
    await waitFor('claude is asked', () => readdirSync(user.home).includes('asked'))
    running.child.kill('SIGINT')
    await ends(running.finished, {code: 130, stdout: '', stderr: 'Cancelled.\n'})
    assert.deepEqual(user.processes(), [])
  })

  it('are one JSON object after SIGTERM, too', async () => {
    user.install('claude', 'echo asked >> "$HOME/asked"; sleep 1000')
    const running = user.start(['backends', '--timeout', '1h', '--json'])
    await waitFor('claude is asked', () => readdirSync(user.home).includes('asked'))
    running.child.kill('SIGTERM')
    const finished = await running.finished
    const {exit_code: code, outcome} = json(finished)
    assert.deepEqual([finished.code, code, outcome], [143, 143, 'cancelled'])
  })

  it('are shown although other plugins are broken, with what is wrong with each', async () => {
    const GOOD = 'plan() {}, reader() {}'
    const BROKEN: [name: string, code: string, says: RegExp][] = [
      ['throwing', 'throw new Error("no luck")', /The backend throwing does not load: no luck/],
      [
        'failing',
        `export default {${GOOD}, probe() { throw new Error("no luck") }}`,
        /failed in `probe`: no luck/,
      ],
      ['hanging', 'await new Promise((resolve) => setTimeout(resolve, 1e9))', /no answer within 3\.0s/],
      [
        'invalid',
        `export default {${GOOD}, probe: () => [null]}`,
        /failed in `probe`: `\[0\]` must be an object/,
      ],
      ['empty', 'export default 1', /has no `plan` and `reader`/],
    ]
    user.installClaude()
    for (const [name, code] of BROKEN) user.linkBackend(name, code)
    const {code: exit, stdout} = await user.clinvk(['backends', '--timeout', '3s'])
    assert.equal(exit, 0)
    assert.match(stdout, /^claude \* +Claude Code +2\.1\.197 tested +signed in /m)
    const all = await list('--timeout', '3s')
    for (const [name, , says] of BROKEN) {
      assert.match(stdout, RegExp(`^${name} +${name} +`, 'm'))
      assert.match(stdout, says)
      assert.match(all.find((backend) => backend.name === name)!.problems.join('\n'), says)
    }
  })

  it('are shown although a plugin is made for another contract; it is named', async () => {
    user.linkBackend('future', 'export default {}', {contract: 99})
    const {code, stderr} = await user.clinvk(['backends'])
    assert.equal(code, 0)
    assert.match(stderr, /clinvk-backend-future cannot be used as a backend: it is made for contract 99/)
    const {problems} = json(await user.clinvk(['backends', '--json'])) as {problems: string[]}
    assert.equal(problems.length, 1)
  })
})
