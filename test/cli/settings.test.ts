import assert from 'node:assert/strict'
import {CliUser} from '../support/cli-user.js'
import {json, Sandbox} from '../support/sandbox.js'

/** What settings do to a turn; how they are read is in kit/settings.test.ts. */
describe('settings', () => {
  let user: Sandbox
  beforeEach(() => {
    user = new CliUser()
  })
  afterEach(() => user.remove())

  const configure = (yaml: string) => user.write('.clinvk/config.yaml', yaml)

  it('choose the backend, its model and its system prompt; flags beat them, also on resume', async () => {
    configure('default_backend: echo\nbackends:\n  echo:\n    model: echo-2\n    system_prompt: be brief\n')
    const first = json(await user.clinvk(['x y', '--json']))
    assert.deepEqual([first.model, first.content], ['echo-2', 'You said: x y\nMy instructions: be brief'])
    const second = json(
      await user.clinvk(['-c', 'x y', '--json', '-m', 'echo-3', '--system-prompt', 'be long']),
    )
    assert.deepEqual(
      [second.model, String(second.content).split('\n').at(-1)],
      ['echo-3', 'My instructions: be long'],
    )
    assert.equal(json(await user.clinvk(['resume', '--last', 'x y', '--json'])).model, 'echo-2')
  })

  it('choose the output, and --config another file', async () => {
    configure('default_backend: echo\noutput:\n  format: json\n')
    assert.equal(json(await user.clinvk(['x y'])).content, 'You said: x y')
    assert.equal((await user.clinvk(['x y', '-o', 'text'])).stdout, 'You said: x y\n')
    user.write(
      'project/other.yaml',
      'default_backend: echo\noutput: {show_tokens: true, show_timing: true}\n',
    )
    const {stderr, stdout} = await user.clinvk(['x y', '--config', 'other.yaml'])
    assert.equal(stdout, 'You said: x y\n')
    assert.match(stderr, /^Tokens: 6 \(input: 2, output: 4\)\nTime: \d+\.\ds\n$/)
  })

  it('switch a backend off', async () => {
    configure('default_backend: echo\nbackends: {echo: {enabled: false}}\n')
    const {code, stderr} = await user.clinvk(['x y'])
    assert.match(stderr, /The backend echo is switched off by backends\.echo\.enabled/)
    assert.equal(code, 2)
  })

  it('keep tokens out of sessions', async () => {
    configure('default_backend: echo\nsession: {store_token_usage: false}\n')
    await user.clinvk(['x y'])
    assert.equal(user.sessions()[0]?.token_usage, undefined)
    assert.doesNotMatch((await user.clinvk(['sessions', 'show', '@last'])).stdout, /Token/)
  })

  it('let -c look only here', async () => {
    configure('default_backend: echo\nsession: {continue_scope: here}\n')
    await user.clinvk(['x y'])
    const elsewhere = await user.clinvk(['-c', 'x y'], {cwd: user.directory('elsewhere')})
    assert.match(elsewhere.stderr, /There is no session in this directory to resume/)
    assert.equal(elsewhere.code, 4)
    assert.equal((await user.clinvk(['-c', 'x y'])).code, 0)
  })

  it('of one backend are refused where it cannot honour them; limits for all give a notice', async () => {
    configure('default_backend: echo\nbackends: {echo: {allowed_tools: Bash}}\n')
    assert.equal((await user.clinvk(['x y'])).code, 10)
    configure('default_backend: echo\nbackends: {echo: {approval_mode: auto}}\n')
    assert.equal((await user.clinvk(['x y'])).code, 10)
    configure('default_backend: echo\nunified_flags: {max_turns: 3}\n')
    const {code, stderr} = await user.clinvk(['x y'])
    assert.match(stderr, /unified_flags\.max_turns has no effect on echo/)
    assert.equal(code, 0)
  })

  it('end a turn that takes too long', async () => {
    configure('default_backend: echo\nunified_flags: {command_timeout_secs: 1}\n')
    const {code, stderr} = await user.clinvk(['x y', '--extra=--delay=60000'])
    assert.match(stderr, /Echo did not finish within 1\.0s\.\n {2}The session is kept/)
    assert.equal(code, 6)
  })

  for (const [name, yaml, says] of [
    ['broken YAML', 'a: [1,\nb: 2', /config\.yaml:2:\d+: /],
    [
      'an unknown key',
      'session:\n  auto_resum: true\n',
      /config\.yaml:2:3: session\.auto_resum: there is no such setting/,
    ],
    [
      'a wrong value',
      'unified_flags:\n  approval_mode: sometimes\n',
      /config\.yaml:2:3: unified_flags\.approval_mode: "sometimes" is not allowed\. Allowed: default, auto, none, always\./,
    ],
  ] as const) {
    it(`that are wrong stop a turn with file, line and key: ${name}`, async () => {
      configure(yaml)
      const {code, stderr, stdout} = await user.clinvk(['x y', '--json'])
      assert.match(stderr, says)
      assert.equal((JSON.parse(stdout) as {outcome: string}).outcome, 'config')
      assert.equal(code, 3)
      assert.equal((await user.clinvk(['--version'])).code, 0)
    })
  }
})
