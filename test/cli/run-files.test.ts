import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../support/cli-user.js'
import {ends, fixture, json} from '../support/sandbox.js'

/** Everything that is wrong with a run file is reported with its place, before anything runs. */
describe('a run file', () => {
  const user = new CliUser({CLINVK_BACKEND: 'echo'})
  after(() => user.remove())

  const invalid = fixture('run-files.yaml') as Record<'problem' | 'command' | 'text' | 'says', string>[]
  for (const {command, problem, says, text} of invalid) {
    it(`of ${command} with ${problem} is exit 3`, async () => {
      await ends(user.clinvk([command], {stdin: text}), {code: 3, stdout: '', stderr: RegExp(says)})
      assert.deepEqual([user.sessions(), existsSync(join(user.home, '.clinvk/runs'))], [[], false])
    })
  }

  it('may have every field, and what programs write for nothing', async () => {
    const nothing = {workdir: null, sandbox_mode: '', system_prompt: '', max_tokens: 0, max_turns: 0}
    const settings = {model: 'echo-1', extra: [], approval_mode: 'default', output_format: 'json'}
    const own = {id: 'one', name: 'first', tags: ['a'], meta: {b: 'c'}, dry_run: false, verbose: false}
    const task = {backend: 'echo', prompt: 'x', ...nothing, ...settings, ...own}
    const work = {tasks: [task], max_parallel: 2, fail_fast: false, output_dir: ''}
    await ends(user.clinvk(['parallel'], {stdin: JSON.stringify(work)}), {
      code: 0,
      stdout: /^1 tasks?: 1 succeeded/m,
      stderr: /^Note: output_format of a task has no effect: -o sets the format of the results\.\n/,
    })
  })

  it('names directories from where it stands, and from the home with ~', async () => {
    user.directory('app')
    user.directory('runs/sub')
    const tasks = ['sub', '../app', '~/app', '~', user.project].map((workdir) => ({prompt: 'x', workdir}))
    user.write('runs/tasks.json', JSON.stringify({tasks: [...tasks, {prompt: 'x'}], output_dir: 'out'}))
    const done = await user.clinvk(['parallel', '-b', 'echo', '-f', '../runs/tasks.json', '--json'])
    const {results} = json(done) as {results: {working_dir: string}[]}
    const wanted = ['runs/sub', 'app', 'app', '', 'project', 'project'].map((name) => join(user.home, name))
    assert.deepEqual(
      results.map(({working_dir: at}) => `${at}/`),
      wanted.map((path) => path.replace(/\/?$/, '/')),
    )
    assert.ok(existsSync(join(user.home, 'runs/out/summary.json')))
  })

  it('may repeat what tasks have in common, as YAML does: with anchors, aliases and <<', async () => {
    const common = 'tasks:\n- &all {prompt: one, backend: echo, model: big}\n'
    const text = common + '- {<<: *all, prompt: two}\n'.repeat(3)
    const {results} = json(await user.clinvk(['parallel', '--json'], {stdin: text})) as {
      results: Record<string, unknown>[]
    }
    assert.deepEqual(
      results.map((result) => [result.model, result.output]),
      ['one', 'two', 'two', 'two'].map((prompt) => ['big', `You said: ${prompt}`]),
    )
  })

  it('that is missing is exit 1, and one that is not text exit 3', async () => {
    const missing = user.clinvk(['parallel', '-f', 'nope.yaml'])
    await ends(missing, {code: 1, stderr: /^Error: No such file: .*nope\.yaml$/m})
    const binary = user.clinvk(['chain'], {stdin: Buffer.from([0xff, 0xfe, 0x00])})
    await ends(binary, {code: 3, stderr: /not UTF-8 text/})
  })
})
