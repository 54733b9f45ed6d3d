import assert from 'node:assert/strict'
import {CliUser} from '../support/cli-user.js'

/** What is wrong with a description of work is said with its place, before anything runs. */
describe('a description of work', () => {
  const user = new CliUser({CLINVK_BACKEND: 'echo'})
  after(() => user.remove())

  const wrong: [name: string, command: string, text: string, says: RegExp][] = [
    ['that is no YAML', 'parallel', 'tasks: [', /^Error: standard input:1:\d+: /],
    ['that is broken JSON', 'parallel', '{"tasks": [{"prompt": "x",}', /^Error: standard input:1:\d+: /],
    ['that is empty', 'parallel', '', /^Error: standard input:1:1: .*Expected/],
    ['without tasks', 'parallel', '{}', /^Error: standard input:1:1: tasks: is missing\./],
    [
      'with no task in it',
      'parallel',
      'tasks: []',
      /:1:1: tasks: A list is not allowed\. Expected: at least one task\./,
    ],
    [
      'without steps',
      'chain',
      'tasks: []',
      /steps: is missing\. Expected: a list of steps\.[^]*unknown field tasks\./,
    ],
    [
      'with a prompt missing',
      'parallel',
      'tasks:\n  - backend: echo\n    name: review\n',
      /^Error: standard input:2:5: Task 1 \(review\): prompt: is missing\. Expected: a text\.$/m,
    ],
    ['with an empty prompt', 'parallel', '[{"prompt": " "}]', /Task 1: prompt: " " is not allowed\./],
    [
      'with a misspelt field',
      'parallel',
      '- prompt: x\n  bakend: echo\n',
      /^Error: standard input:2:3: Task 1: unknown field bakend\. Did you mean backend\?$/m,
    ],
    [
      'with a wrong mode',
      'chain',
      '- {prompt: x, approval_mode: yolo}',
      /Step 1: approval_mode: "yolo" .*Expected: default, auto, none, always\./,
    ],
    [
      'with a wrong time',
      'parallel',
      '- {prompt: x, timeout: soon}',
      /timeout: "soon" is not allowed\. Expected: a number of seconds/,
    ],
    [
      'with a wrong count',
      'parallel',
      'tasks: [{prompt: x}]\nmax_parallel: 0',
      /:2:1: max_parallel: 0 is not allowed/,
    ],
    [
      'with a directory that is not there',
      'parallel',
      '- {prompt: x, workdir: nowhere}',
      /Task 1 cannot run.*Directory not found: .*nowhere/,
    ],
    [
      'with a placeholder in the first step',
      'chain',
      '- prompt: "{{previous}}"',
      /:1:3: Step 1: prompt: \{\{previous\}\} is not valid: there is no step before the first one\./,
    ],
    [
      'with a placeholder that names a later step',
      'chain',
      '- {prompt: a, name: one}\n- prompt: "{{steps.three.output}}"\n- {prompt: c, name: three}',
      /:2:3: Step 2: prompt: \{\{steps\.three\.output\}\} is not valid: no step before this one has that name\. Available: one\./,
    ],
    [
      'with a placeholder that two steps could mean',
      'chain',
      '- {prompt: a, name: x}\n- {prompt: a, name: x}\n- prompt: "{{steps.x.output}}"',
      /2 steps are named x/,
    ],
    [
      'with a misspelt placeholder',
      'chain',
      '- prompt: a\n- prompt: "{{prevoius}}"',
      /\{\{prevoius\}\} is not valid: use \{\{previous\}\} or/,
    ],
    [
      'that passes a session where none is kept',
      'chain',
      'pass_session_id: true\nsteps: [{prompt: a, ephemeral: true}]',
      /pass_session_id needs sessions/,
    ],
    [
      'that passes a session to another directory',
      'chain',
      'pass_session_id: true\nsteps: [{prompt: a}, {prompt: b, workdir: ..}]',
      /Step 2 cannot run.*continues the conversation of Step 1/,
    ],
  ]
  for (const [name, command, text, says] of wrong) {
    it(`${name} is exit 3`, async () => {
      const {code, stderr, stdout} = await user.clinvk([command], {stdin: text})
      assert.match(stderr, says)
      assert.deepEqual({code, stdout}, {code: 3, stdout: ''})
      assert.deepEqual(user.sessions(), [])
    })
  }

  it('has all its faults told at once, in the order of their lines', async () => {
    const text = 'tasks:\n  - {prompt: 5}\n  - {}\nmax_paralel: 2\n'
    const {stderr} = await user.clinvk(['parallel'], {stdin: text})
    assert.deepEqual(
      [...stderr.matchAll(/standard input:(\d):\d+: (.*)$/gm)].map(([, line, what]) => `${line!} ${what!}`),
      [
        '2 Task 1: prompt: 5 is not allowed. Expected: a text.',
        '3 Task 2: prompt: is missing. Expected: a text.',
        '4 unknown field max_paralel. Did you mean max_parallel?',
      ],
    )
  })

  it('may have every field of the reference program, and what such programs write for nothing', async () => {
    const task = {
      ...{backend: 'echo', prompt: 'x', workdir: '', model: 'echo-1', extra: [], approval_mode: 'default'},
      ...{
        sandbox_mode: '',
        output_format: 'json',
        max_tokens: 0,
        max_turns: 0,
        system_prompt: '',
        verbose: false,
      },
      ...{dry_run: false, id: 'one', name: 'first', tags: ['a'], meta: {b: 'c'}},
    }
    const work = {tasks: [task], max_parallel: 2, fail_fast: false, output_dir: ''}
    const {code, stderr, stdout} = await user.clinvk(['parallel', '--quiet'], {stdin: JSON.stringify(work)})
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^1 tasks?: 1 succeeded/m)
    assert.equal(stderr, 'Note: output_format of a task has no effect: -o sets the format of the results.\n')
  })

  it('that is not there, or nothing where nothing is piped in, is exit 1', async () => {
    const missing = await user.clinvk(['parallel', '-f', 'nope.yaml'])
    assert.match(missing.stderr, /^Error: No such file: .*nope\.yaml$/m)
    assert.equal(missing.code, 1)
    const binary = await user.clinvk(['chain'], {stdin: Buffer.from([0xff, 0xfe, 0x00])})
    assert.match(binary.stderr, /not UTF-8 text/)
    assert.equal(binary.code, 3)
  })
})
