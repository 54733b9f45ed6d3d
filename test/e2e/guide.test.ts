import assert from 'node:assert/strict'
import {chmodSync, existsSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {parse} from 'yaml'
import {ROOT, Sandbox} from '../support/sandbox.js'
import {minutesAgo, storeSession} from '../support/stored-session.js'

const GUIDE = join(ROOT, 'docs/guide/session-management.md')
const text = readFileSync(GUIDE, 'utf8')
const blocks = (language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, block]) => block!)
/** Without saying which session, or without a prompt. */
const NEEDS_A_TERMINAL = /^clinvk resume (--interactive.*|--here|--backend \w+|--last|\w+)$/

/** What the guide tells the user to type, typed into a shell. */
describe('the guide of sessions', () => {
  let user: Sandbox
  beforeEach(() => {
    user = new Sandbox({CLINVK_BACKEND: 'echo'})
    chmodSync(user.write('bin/clinvk', `#!/bin/sh\nexec node ${join(ROOT, 'bin/run.js')} "$@"\n`), 0o755)
    user.env.PATH = `${join(user.home, 'bin')}:${user.env.PATH!}`
    const resumable = {backend_session_id: 'x', backend_state: {turns: 1}, last_outcome: 'success'}
    storeSession(user, 'abc123', {...resumable, last_used: minutesAgo(5), tags: ['urgent', 'bug']})
    storeSession(user, 'def456', {...resumable, backend: 'codex', last_used: minutesAgo(9)})
    storeSession(user, 'fed456', {
      ...resumable,
      backend: 'claude',
      name: 'auth-fix-2',
      last_used: minutesAgo(9),
    })
  })
  afterEach(() => user.remove())

  const lines = blocks('sh').flatMap((block) => block.trim().split('\n'))
  for (const line of new Set(lines.map((line) => line.replace(/\s+#.*/, '')))) {
    const needs = NEEDS_A_TERMINAL.test(line)
    it(`${line}${needs ? ', without a terminal, says what to type instead' : ''}`, async () => {
      if (line.includes('resume auth-fix')) await user.clinvk(['sessions', 'rename', 'abc123', 'auth-fix'])
      // The echo backend has no record of its own, and codex is not asked in earnest.
      const typed = / codex ".*"/.test(line) ? `${line} --dry-run` : line
      const {code, stderr, stdout} = await user.run('sh', ['-c', typed]).finished
      if (needs) {
        assert.equal(code, 1)
        assert.match(stderr, /^Error: .*\n.* clinvk resume /)
        return
      }

      assert.equal(code, 0, stderr)
      assert.notEqual(stdout, '')
    })
  }

  it('shows settings that are valid, and take effect', async () => {
    const [settings] = blocks('yaml').filter((block) => block.startsWith('session:'))
    user.write('.clinvk/config.yaml', settings!)
    const {code, stderr, stdout} = await user.clinvk(['one'])
    assert.equal(code, 0, stderr)
    assert.match(stderr, /Continuing session abc12300/)
    assert.match(stdout, /turn 2/)
  })

  it('shows what sessions show prints, field by field', async () => {
    const [shown] = blocks('yaml').filter((block) => block.startsWith('ID:'))
    storeSession(user, 'abc123', {
      backend: 'claude',
      model: 'claude-opus-4-5-20251101',
      last_outcome: 'success',
      working_dir: '/projects/myapp',
      backend_session_id: '759bf483-f7e0-46ad-9907-301d22af6af5',
      title: 'fix the bug in auth.go',
      turn_count: 3,
      last_used: '2025-01-27T11:30:00Z',
      token_usage: {input_tokens: 1234, output_tokens: 5678, cached_tokens: 500},
    })
    const {stdout} = await user.clinvk(['sessions', 'show', 'abc123'])
    const ago = /\(.* ago\)/
    assert.equal(stdout.replace(ago, ''), shown!.replace(ago, ''))
    assert.equal((parse(stdout) as {Turns: number}).Turns, 3)
  })

  it('has every command of the specification', () => {
    for (const words of [
      'sessions list --backend claude --status active --limit 5',
      'resume --last\n',
      'resume --last "add error handling"',
      'resume --interactive',
      'resume abc123 "continue with tests"',
      'resume --here',
      'resume --backend claude',
      '-c "now add tests"',
      'sessions delete abc123',
      'sessions clean --older-than 30d',
      '--ephemeral "quick question',
    ])
      assert.ok(text.includes(`clinvk ${words}`), words)
  })

  it('links to pages that exist', () => {
    for (const [, link] of text.matchAll(/\]\(([^)#]+)/g))
      assert.ok(existsSync(join(dirname(GUIDE), link!)), link)
  })
})
