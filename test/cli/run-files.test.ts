import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../support/cli-user.js'
import {json} from '../support/sandbox.js'

/** Everything that is wrong with a run file is reported with its place, before anything runs. */
describe('a run file', () => {
  const user = new CliUser({CLINVK_BACKEND: 'echo'})
  after(() => user.remove())

  const invalid: [problem: string, command: 'parallel' | 'chain', text: string, says: RegExp][] = [
    ['broken YAML', 'parallel', 'tasks: [', /^Error: standard input:1:\d+: /],
    ['broken JSON', 'parallel', '{"tasks": [{"prompt": "x",}', /^Error: standard input:1:\d+: /],
    ['an empty file', 'parallel', '', /^Error: standard input:1:1: .*Expected/],
    ['no tasks field', 'parallel', '{}', /^Error: standard input:1:1: tasks: is missing\./],
    [
      'no task',
      'parallel',
      'tasks: []',
      /:1:1: tasks: A list is not allowed\. Expected: at least one task\./,
    ],
    [
      'no steps field',
      'chain',
      'tasks: []',
      /steps: is missing\. Expected: a list of steps\.[^]*unknown field tasks\./,
    ],
    [
      'no prompt',
      'parallel',
      'tasks:\n  - backend: echo\n    name: review\n',
      /^Error: standard input:2:5: Task 1 \(review\): prompt: is missing\. Expected: a text\.$/m,
    ],
    ['an empty prompt', 'parallel', '[{"prompt": " "}]', /Task 1: prompt: " " is not allowed\./],
    [
      'a misspelt field',
      'parallel',
      '- prompt: x\n  bakend: echo\n',
      /^Error: standard input:2:3: Task 1: unknown field bakend\. Did you mean backend\?$/m,
    ],
    [
      'a wrong mode',
      'chain',
      '- {prompt: x, approval_mode: yolo}',
      /Step 1: approval_mode: "yolo" .*Expected: default, auto, none, always\./,
    ],
    [
      'a wrong time',
      'parallel',
      '- {prompt: x, timeout: soon}',
      /timeout: "soon" is not allowed\. Expected: a number of seconds/,
    ],
    [
      'a wrong count',
      'parallel',
      'tasks: [{prompt: x}]\nmax_parallel: -1',
      /:2:1: max_parallel: -1 is not allowed/,
    ],
    ['a missing directory', 'parallel', '- {prompt: x, workdir: nowhere}', /Task 1 cannot run.*nowhere/],
    [
      'an empty directory',
      'parallel',
      '- {prompt: x, workdir: ""}',
      /workdir: "" is not allowed. Expected: a directory/,
    ],
    ['two documents', 'chain', '- one\n---\n- two\n', /:2:1: A second document begins here/],
    [
      'a placeholder in the first step',
      'chain',
      '- prompt: "{{previous}}"',
      /:1:3: Step 1: prompt: \{\{previous\}\} is not valid: there is no step before the first one\./,
    ],
    [
      'a placeholder with the name of a later step',
      'chain',
      '- {prompt: a, name: one}\n- prompt: "{{steps.three.output}}"\n- {prompt: c, name: three}',
      /:2:3: Step 2: prompt: \{\{steps\.three\.output\}\} is not valid: no step before this one has that name\. Available: one\./,
    ],
    [
      'a placeholder with the name of two steps',
      'chain',
      '- {prompt: a, name: x}\n- {prompt: a, name: x}\n- prompt: "{{steps.x.output}}"',
      /2 steps are named x/,
    ],
    [
      'a misspelt placeholder',
      'chain',
      '- prompt: a\n- prompt: "{{prevoius}}"',
      /\{\{prevoius\}\} is not valid: use \{\{previous\}\} or/,
    ],
    [
      'a session passed on from an ephemeral step',
      'chain',
      'pass_session_id: true\nsteps: [{prompt: a, ephemeral: true}]',
      /pass_session_id needs sessions/,
    ],
    [
      'a session passed on to another directory',
      'chain',
      'pass_session_id: true\nsteps: [{prompt: a}, {prompt: b, workdir: ..}]',
      /Step 2 cannot run.*continues the conversation of Step 1/,
    ],
    [
      'three problems, in the order of their lines',
      'parallel',
      'tasks:\n  - {prompt: 5}\n  - {}\nmax_paralel: 2\n',
      /:2:\d+: Task 1: prompt: 5 is not allowed.*\n.*:3:\d+: Task 2: prompt: is missing.*\n.*:4:1: unknown field max_paralel\. Did you mean max_parallel\?\n$/,
    ],
  ]
  for (const [problem, command, text, says] of invalid) {
    it(`of ${command} with ${problem} is exit 3`, async () => {
      const {code, stderr, stdout} = await user.clinvk([command], {stdin: text})
      assert.match(stderr, says)
      assert.deepEqual({code, stdout, sessions: user.sessions()}, {code: 3, stdout: '', sessions: []})
    })
  }

  it('may have every field, and what programs write for nothing', async () => {
    const nothing = {workdir: null, sandbox_mode: '', system_prompt: '', max_tokens: 0, max_turns: 0}
    const settings = {model: 'echo-1', extra: [], approval_mode: 'default', output_format: 'json'}
    const own = {id: 'one', name: 'first', tags: ['a'], meta: {b: 'c'}, dry_run: false, verbose: false}
    const task = {backend: 'echo', prompt: 'x', ...nothing, ...settings, ...own}
    const work = {tasks: [task], max_parallel: 2, fail_fast: false, output_dir: ''}
    const {code, stderr, stdout} = await user.clinvk(['parallel', '--quiet'], {stdin: JSON.stringify(work)})
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^1 tasks?: 1 succeeded/m)
    assert.equal(stderr, 'Note: output_format of a task has no effect: -o sets the format of the results.\n')
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
    const missing = await user.clinvk(['parallel', '-f', 'nope.yaml'])
    assert.match(missing.stderr, /^Error: No such file: .*nope\.yaml$/m)
    assert.equal(missing.code, 1)
    const binary = await user.clinvk(['chain'], {stdin: Buffer.from([0xff, 0xfe, 0x00])})
    assert.match(binary.stderr, /not UTF-8 text/)
    assert.equal(binary.code, 3)
  })
})
