import assert from 'node:assert/strict'
import {join} from 'node:path'
import {ends, fixture, ROOT, Sandbox} from '../support/sandbox.js'
import {minutesAgo, storeSession} from '../support/stored-session.js'
import {Terminal} from '../support/terminal.js'

/** A user with a few sessions and files, who types `clinvk`. */
function person(): Sandbox {
  const user = new Sandbox()
  const resumable = {backend_session_id: 'x', last_outcome: 'success'}
  storeSession(user, 'abc123', {...resumable, last_used: minutesAgo(5), title: "it's: the parser"})
  storeSession(user, 'def456', {...resumable, last_used: minutesAgo(2), name: 'my session'})
  storeSession(user, '456fed', {...resumable, last_used: minutesAgo(9), name: '$(touch oops) `"x"'})
  user.write('project/notes on it.md', '')
  user.write('project/notes/today.md', '')
  user.installProgram('clinvk', `exec ${process.execPath} ${join(ROOT, 'bin/run.js')} "$@"`)
  return user
}

describe('the completion of bash', () => {
  let user: Sandbox
  before(() => (user = person()))
  after(() => user.remove())

  /** What bash makes of words that it has split, as it does before it calls the function. */
  const CASES = fixture('completion-of-bash.yaml') as [words: string[], offered: string[]][]

  it('asks with COMP_WORDS and COMP_CWORD, and gives what bash puts in place of the last of them', async () => {
    const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`
    const script = [
      'source <(clinvk completion bash)',
      'complete -p clinvk; echo --',
      'ask() { COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); COMPREPLY=(old); _clinvk; printf "%s\\n" "${COMPREPLY[@]}" --; }',
      ...CASES.map(([words]) => ['ask', 'clinvk', ...words].map(quote).join(' ')),
    ].join('\n')
    const {stdout} = await ends(user.run('bash', ['--norc', '-c', script]).finished, {stderr: ''})
    const [registered, ...answers] = stdout.split(/^--\n/m)
    assert.equal(registered, 'complete -F _clinvk clinvk\n')
    for (const [index, [words, offered]] of CASES.entries())
      assert.deepEqual(lines(answers[index]!), offered, words.join(' '))
  })

  it('works as it is set up, on a terminal', async () => {
    assert.equal((await user.clinvk(['completion', 'bash', '--install'])).code, 0)
    // What bash-completion does on the first TAB.
    user.write('.bashrc', "PS1='$ '\n. ~/.local/share/bash-completion/completions/clinvk\n")
    const terminal = new Terminal(user, {columns: 100})
    try {
      terminal.type('exec bash')
      await completes(terminal, 'clinvk sess', /\$ clinvk sessions$/m)
      await completes(terminal, 'clinvk -b co', /\$ clinvk -b codex$/m)
      await completes(terminal, 'clinvk --backend=co', /\$ clinvk --backend=codex$/m)
      await completes(terminal, 'clinvk resume @last:', /\$ clinvk resume @last:echo$/m)
      await completes(terminal, 'clinvk resume my', /\$ clinvk resume my\\ session$/m)
      await completes(terminal, 'clinvk resume "my', /\$ clinvk resume "my session"$/m)
      await completes(terminal, 'clinvk --file notes\\ ', /\$ clinvk --file notes\\ on\\ it\.md$/m)
      await completes(terminal, 'clinvk -w no', /\$ clinvk -w notes\/$/m)
      await completes(terminal, 'clinvk --workdir=no', /\$ clinvk --workdir=notes\/$/m)
      await types(terminal, 'clinvk resume ')
      terminal.press('Tab')
      terminal.press('Tab')
      await terminal.shows(
        /^@last +2 minutes ago, echo: my session\ndef45600 +2 minutes[^]*\nabc12300 +5 minutes ago, echo: it's: the parser\n/m,
      )
    } finally {
      terminal.close()
    }
  })
})

describe('the completion of zsh', () => {
  /** What people have in ~/.zshrc before our line. */
  const START_FILES: Record<string, string> = {
    'without any completion': '',
    'with a compinit of its own': 'autoload -Uz compinit; compinit -D\nzstyle ":completion:*" menu select\n',
  }
  for (const [which, before] of Object.entries(START_FILES)) {
    it(`works with the line that --install prints in a file ${which}`, async () => {
      const user = person()
      const terminal = new Terminal(user, {columns: 100})
      try {
        const {stdout} = await ends(user.clinvk(['completion', 'zsh', '--install']), {code: 0})
        user.write('.zshrc', `PS1='$ '\n${before}${stdout.split('\n')[1]!}\n`)
        terminal.type('exec zsh')
        await completes(terminal, 'clinvk sess', /\$ clinvk sessions$/m)
        if (before === '') return
        await completes(terminal, 'clinvk -b co', /\$ clinvk -b codex$/m)
        await completes(terminal, 'clinvk --backend=co', /\$ clinvk --backend=codex$/m)
        await completes(terminal, 'clinvk resume @last:', /\$ clinvk resume @last:echo$/m)
        await completes(terminal, 'clinvk resume my', /\$ clinvk resume my\\ session$/m)
        await completes(terminal, 'clinvk --file=notes\\ ', /\$ clinvk --file=notes\\ on\\ it\.md$/m)
        await completes(terminal, 'clinvk -w no', /\$ clinvk -w notes\/$/m)
        await completes(
          terminal,
          'clinvk resume ',
          /^@last +-- 2 minutes ago, echo: my session\ndef45600 +-- 2 minutes[^]*\nabc12300 +-- 5 minutes ago, echo: it's: the parser\n/m,
        )
      } finally {
        terminal.close()
        user.remove()
      }
    })
  }
})

describe('the completion of fish', () => {
  let user: Sandbox
  before(async () => {
    user = person()
    assert.equal((await user.clinvk(['completion', 'fish', '--install'])).code, 0)
  })
  after(() => user.remove())

  it('gives candidates with what they mean, those first that matter', async () => {
    const lines = [
      'clinvk sess',
      'clinvk --backend=co',
      'clinvk resume @last:',
      'clinvk resume "my',
      'clinvk resume a',
      'clinvk --file=notes/',
      'clinvk -w no',
      'clinvk hello ',
    ]
    const script = lines.map((line) => `complete -C '${line}'; echo ==`).join('\n')
    const {stdout} = await ends(user.run('fish', ['-c', script]).finished, {stderr: ''})
    assert.deepEqual(
      stdout
        .split('==\n')
        .slice(0, -1)
        .map((text) => text.trimEnd()),
      [
        'sessions\tLook at and tidy up sessions.',
        '--backend=codex\tCodex',
        '@last:echo\t2 minutes ago, echo: my session',
        'my session\t2 minutes ago, echo: def45600',
        "abc12300\t5 minutes ago, echo: it's: the parser",
        '--file=notes/today.md',
        'notes/\tDirectory',
        '',
      ],
    )
  })

  it('works as it is set up, on a terminal', async () => {
    const terminal = new Terminal(user, {columns: 100})
    try {
      terminal.type('exec fish -C "function fish_prompt; echo -n \'\\$ \'; end; clear"')
      await completes(terminal, 'clinvk sess', /\$ clinvk sessions$/m)
      await completes(terminal, 'clinvk -b co', /\$ clinvk -b codex$/m)
      await completes(
        terminal,
        'clinvk resume ',
        /^@last +\(2 minutes ago, echo: my session\)[^]*def45600[^]*my session +\(2 minutes ago, echo: def45600\)/m,
      )
    } finally {
      terminal.close()
    }
  })
})

/** Types a line, presses TAB once, waits for what is wanted, and clears the line. */
async function completes(terminal: Terminal, line: string, wanted: RegExp): Promise<void> {
  await types(terminal, line)
  terminal.press('Tab')
  await terminal.shows(wanted)
  terminal.press('C-u')
  await terminal.shows(/\$$/)
  terminal.press('C-l')
  await terminal.shows(/^\$$/)
}

async function types(terminal: Terminal, line: string): Promise<void> {
  await terminal.shows(/\$$/)
  terminal.write(line)
  await terminal.shows(new RegExp(`\\$ ${line.trimEnd().replaceAll(/[^\w ]/g, String.raw`\$&`)}`))
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}
