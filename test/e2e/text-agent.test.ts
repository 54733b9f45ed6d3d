import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {InventedAgents} from '../support/invented-agents.js'
import {ends, json} from '../support/sandbox.js'

/** A program that prints plain text, and a package of one file that says how it is started. */
describe('an agent that JSON alone describes', () => {
  const user = new InventedAgents().forEachTest()

  const link = async (command: object) => {
    const oracle = {
      title: 'The Oracle',
      executable: 'oracle',
      install: 'go to Delphi',
      command,
      capabilities: {streaming: true},
    }
    const pjson = {
      name: 'clinvk-backend-oracle',
      version: '1.0.0',
      oclif: {},
      clinvk: {contract: 1, backends: {oracle}},
    }
    user.write('oracle/package.json', JSON.stringify(pjson))
    await user.linkPackage(join(user.home, 'oracle'))
  }

  it('answers, fails, is refused what it has no words for, and keeps no conversation', async () => {
    user.install(
      'oracle',
      `case "$1" in --version) echo "oracle 2.5.1"; exit ;; esac
       prompt=$(cat)
       case "$prompt" in
         *key*) echo "no key" >&2; exit 4 ;;
         *) printf '\\033[1mYou ask\\033[0m (%s):\\n%s\\n' "$*" "$prompt" ;;
       esac`,
    )
    await link({
      args: ['ask'],
      model: ['--model', '{model}'],
      version: ['--version'],
      failures: [{exit: 4, pattern: 'no key', outcome: 'auth'}],
    })
    const good = await user.clinvk(['-b', 'oracle', '-m', 'pythia', '--', '-- will "it" rain?\nor $not?'])
    assert.deepEqual(
      [good.code, good.stderr, good.stdout],
      [0, '', 'You ask (ask --model pythia):\n-- will "it" rain?\nor $not?\n'],
    )

    const bad = json(await user.clinvk(['-b', 'oracle', '--json', 'where is the key?']))
    assert.deepEqual([bad.exit_code, bad.backend_exit_code, bad.outcome], [8, 4, 'auth'])
    assert.equal((bad.error as {message: string}).message, 'The Oracle ended with exit code 4: no key')

    for (const [words, option] of [
      [['--system-prompt', 'x'], '--system-prompt'],
      [['--ephemeral'], '--ephemeral'],
      [['--sandbox-mode', 'full'], '--sandbox-mode full'],
    ] as const) {
      const refused = await ends(user.clinvk(['-b', 'oracle', ...words, 'hello']), {code: 10})
      assert.ok(refused.stderr.startsWith(`Error: ${option} is refused: The Oracle `), refused.stderr)
    }

    // The last question was not answered: it is asked again.
    await ends(user.clinvk(['-c', 'and tomorrow?']), {
      code: 8,
      stderr: /it starts again with its first prompt/,
    })
    const about = json(await user.clinvk(['backends', 'oracle', '--json']))
    assert.equal(about.version, '2.5.1')
  })

  it('is given its prompt as an argument, and goes on with a conversation', async () => {
    await link({
      args: ['--ask={prompt}'],
      session: {new: ['--new={id}'], resume: ['--go-on={id}']},
      failures: [{pattern: 'NEVER heard', outcome: 'session'}],
    })
    // What is added stands behind what every turn has.
    user.install(
      'oracle',
      `ask=\${1#--ask=}
       case "$2" in --new=*) id=\${2#--new=}; echo "$ask" > "$HOME/$id" ;; --go-on=*) id=\${2#--go-on=} ;; esac
       [ -f "$HOME/$id" ] || { echo "never heard of $id" >&2; exit 1; }
       echo "First: $(cat "$HOME/$id"). Now: $ask"`,
    )
    const first = await user.clinvk(['-b', 'oracle', '--', '-1 or 1?'])
    assert.deepEqual([first.code, first.stdout, first.stderr], [0, 'First: -1 or 1?. Now: -1 or 1?\n', ''])
    await ends(user.clinvk(['-c', 'sure?']), {code: 0, stdout: 'First: -1 or 1?. Now: sure?\n'})

    const tooLong = await user.clinvk(['-b', 'oracle', '--file', user.write('long', 'x'.repeat(131_072))])
    assert.equal(tooLong.code, 10)
    assert.match(tooLong.stderr, /a prompt of 131072 bytes is refused: The Oracle takes at most 131065 bytes/)
    await ends(user.clinvk(['-b', 'oracle', '--file', user.write('long', 'x'.repeat(131_065))]), {code: 0})

    const [{id, backend_session_id: agents}] = user.sessions().slice(-1) as [Record<string, string>]
    assert.equal(readFileSync(join(user.home, agents!), 'utf8'), '-1 or 1?\n')
    user.install('oracle', 'echo "never heard of it" >&2; exit 1')
    await ends(user.clinvk(['resume', id!, 'still there?']), {code: 4})
  })
})
