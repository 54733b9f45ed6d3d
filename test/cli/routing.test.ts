import assert from 'node:assert/strict'
import {CliUser} from '../support/cli-user.js'
import {ends} from '../support/sandbox.js'

/** What the words after `clinvk` are taken for. All prompts go to the echo backend, which says what it was sent. */
describe('routing', () => {
  const user = new CliUser({CLINVK_BACKEND: 'echo'})
  after(() => user.remove())

  const prompts: [words: string[], prompt: string][] = [
    [['fix the bug'], 'fix the bug'],
    [['fix: the bug', '-b', 'echo'], 'fix: the bug'],
    [['-b', 'echo', 'the cat and the dog and the cat'], 'the cat and the dog and the cat'],
    [['--ephemeral', 'x y'], 'x y'],
    [['what is a=b'], 'what is a=b'],
    [['multi\nline: x'], 'multi\nline: x'],
    [['explain --help'], 'explain --help'],
    [['--', '--help me'], '--help me'],
    [['--', 'sessions'], 'sessions'],
    [['--', 'help'], 'help'],
    [['-b', 'echo', '--', 'sesions'], 'sesions'],
    [['prompt', 'sessions list'], 'sessions list'],
    [['hello'], 'hello'],
    [['hi'], 'hi'],
    [['  two  spaces  '], '  two  spaces  '],
  ]
  for (const [words, prompt] of prompts) {
    it(`sends ${JSON.stringify(prompt)} as the prompt for: clinvk ${words.map((word) => JSON.stringify(word)).join(' ')}`, async () => {
      await ends(user.clinvk(words), {code: 0, stderr: '', stdout: `You said: ${prompt}\n`})
    })
  }

  const commands: [words: string[], shows: RegExp][] = [
    [['sessions'], /^ID {8}BACKEND/],
    [['ls'], /^ID {8}BACKEND/],
    [['sessions', 'ls'], /^ID {8}BACKEND/],
    [['config', 'list'], /^# user file/],
    [['plugins', 'list'], /No plugins installed/],
    [['backends', 'list'], /^NAME {6}AGENT/],
    [['sessions', '--help'], /sessions clean +Delete/],
    [['sessions', 'list'], /^ID {8}BACKEND/],
    [['sessions:list'], /^ID {8}BACKEND/],
    [['help', 'sessions', 'list'], /\$ clinvk sessions list/],
    [['sessions', 'list', '-h'], /\$ clinvk sessions list/],
    [['explain', '--help'], /\$ clinvk prompt \[PROMPT\]/],
    [['version'], /^clinvk \d+\.\d+\.\d+\n/],
    [['--version'], /^clinvk \d+\.\d+\.\d+\n/],
    [['-v'], /^clinvk \d+\.\d+\.\d+\n/],
    [['plugins'], /No plugins installed/],
  ]
  it('takes what is piped in as the prompt where there are no words', async () => {
    for (const words of [[], ['-b', 'echo'], ['--json']]) {
      await ends(user.clinvk(words, {stdin: 'review this\n'}), {stdout: /You said: review this/, code: 0})
    }
  })

  it('takes any word as a prompt in a conversation that is under way', async () => {
    await user.clinvk(['a first prompt'])
    for (const words of [
      ['-c', 'continue'],
      ['-c', '-b', 'echo', 'stop'],
      ['--session', '@last', 'wait'],
    ])
      await ends(user.clinvk(words), {code: 0, stdout: new RegExp(`You said: ${words.at(-1)!}\n`)})
  })

  it('resumes the last session for -c without a prompt on a terminal', async () => {
    await user.clinvk(['a first prompt'])
    const {stderr} = await user.clinvk(['-c', '--timeout', '5s'], {onTerminal: true})
    assert.match(stderr, /--timeout needs a prompt: without one the agent itself is opened/)
  })

  for (const [words, shows] of commands) {
    it(`runs a command for: clinvk ${words.join(' ')}`, async () => {
      await ends(user.clinvk(words), {code: 0, stdout: shows})
    })
  }

  for (const words of [[], ['-h'], ['--help'], ['help']]) {
    it(`shows both ways of use for: clinvk ${words.join(' ')}`, async () => {
      const {stdout} = await ends(user.clinvk(words), {code: 0, stdout: /\$ clinvk "PROMPT" \[FLAGS\]/})
      assert.match(stdout, /\$ clinvk COMMAND/)
      assert.match(stdout, /clinvk -c "now add tests"/)
    })
  }

  const errors: [words: string[], says: RegExp][] = [
    [
      ['fix', 'the', 'bug'],
      /Unexpected arguments: the, bug\n {2}A prompt is one argument: clinvk "fix the bug"/,
    ],
    [['sesions'], /Did you mean: clinvk sessions\n {2}To send it as a prompt: clinvk -- sesions/],
    [
      ['sesions', '-b', 'echo'],
      /Did you mean: clinvk sessions\n {2}To send it as a prompt: clinvk -b echo -- sesions/,
    ],
    [['-b', 'echo', 'hepl'], /Did you mean: clinvk help/],
    [
      ['serve'],
      /which is not installed\.\n {2}Install it: clinvk plugins install clinvk-plugin-serve\n {2}To send it/,
    ],
    [['serve', '--port', '80'], /clinvk-plugin-serve/],
    [['mcp'], /clinvk-plugin-serve/],
    [['promt'], /Did you mean: clinvk prompt/],
    [['sessoins'], /Did you mean: clinvk sessions/],
    [['plugin'], /Did you mean: clinvk plugins/],
    [['resum', '--json'], /Did you mean: clinvk resume/],
    [['-b', 'echo', 'sessions'], /sessions is a command\. A command comes before its flags\./],
    [['sessions', 'lst'], /Unknown command "sessions lst"\.\n {2}Did you mean: clinvk sessions list/],
    [['sesions', 'list'], /Unknown command "sesions list"\.\n {2}Did you mean: clinvk sessions list/],
    [
      ['resum', '--last', 'go on'],
      /Unknown command "resum"\.\n {2}Did you mean: clinvk resume\n {2}A prompt is one argument/,
    ],
    [['-b', 'echo', 'resume', 'abc', 'go on'], /resume is a command\. A command comes before its flags\./],
    [['list'], /Did you mean: clinvk sessions list\n {2}To send it as a prompt: clinvk -- list/],
    [['-b', 'echo', 'rename'], /Did you mean: clinvk sessions rename\n.*clinvk -b echo -- rename/],
    [['login'], /Unknown command "login"\.\n {2}All commands: clinvk --help\n.* clinvk -- login/],
    [['status'], /Unknown command "status"/],
    [['doctor', 'now'], /clinvk doctor takes no argument: now\n {2}See: clinvk doctor --help/],
    [['sessions', 'list', 'all'], /clinvk sessions list takes no argument: all/],
    [['sessions', 'everything'], /Unknown command "sessions everything"\.\n {2}See: clinvk sessions --help/],
    [['sessions', 'rename', 'x'], /Missing: name\n {2}Usage: clinvk sessions rename ID NAME/],
    [
      ['-v', 'fix the bug'],
      /-v prints the version and takes nothing else\.\n.*clinvk --verbose 'fix the bug'/,
    ],
    [
      ['- fix the list'],
      /Unknown flag - fix the list\.\n {2}A prompt that begins with a dash: clinvk -- '- fix the list'/,
    ],
    [['--quiet', '--verbose', 'x y'], /--quiet/],
    [['-b', 'echo', 'sessions', 'list'], /sessions list is a command\. A command comes before its flags\./],
    [['help', 'me'], /Unknown command "me"\.\n {2}All commands: clinvk --help/],
    [['--bogus', 'x y'], /Unknown flag --bogus/],
    [['--ephemeal', 'x y'], /Did you mean: --ephemeral/],
    [['resume', 'abc', 'go', 'on'], /A prompt is one argument: clinvk resume ID "fix the bug"/],
    [['compare', 'how', 'is it'], /A prompt is one argument: clinvk compare --backends/],
    [['resume', '--last', 'one', 'two'], /With --last the only argument is the prompt\./],
    [['-c'], /There is no prompt\.\n {2}Try: clinvk -c "now add tests"/],
    [
      ['sessions', 'list', '--limit', '-1'],
      /--limit: "-1" is not a whole number greater than or equal to 0\./,
    ],
    [['runs', 'clean'], /Missing: --older-than/],
    [['--session'], /--session needs a value\./],
    [['--model', '--json', 'x y'], /--model needs a value\./],
    [['-b', 'nope', 'x y'], /Unknown backend "nope"\. Available: claude, /],
    [['-b', 'claud', 'x y'], /Did you mean: claude/],
    [['--timeout', 'soon', 'x y'], /--timeout: "soon" is not a duration\. Use 90s/],
    [['--max-turns', '0', 'x y'], /--max-turns: "0" is not a whole number of at least 1\./],
    [['--approval-mode', 'yes', 'x y'], /--approval-mode: "yes" is not allowed\. Allowed: default, auto, /],
    [
      ['--raw', '-o', 'text', 'x y'],
      /--raw and --output-format cannot be used together\.|--output-format and --raw cannot/,
    ],
    [['--ephemeral', '--name', 'a b', 'x y'], /--ephemeral and --name cannot be used together\./],
    [['--move', 'x y'], /Unknown flag --move/],
    [['resume', '--move', 'x y'], /--move needs --workdir\./],
    [['--file', 'nope.md'], /No such file: \S+nope\.md/],
    [['--file', 'a.md', 'x y'], /The prompt is given twice/],
    [['-w', 'nope', 'x y'], /Directory not found: \S+nope/],
    [['--tag', '', 'x y'], /A tag must not be empty\./],
    [['sessions', 'tag', 'a', 'plus', 'b'], /"plus" is not allowed\. Allowed: add, remove\./],
    [['sessions', 'clean', '--older-than', 'soon'], /--older-than soon is not an age\.\n {2}Write 30d/],
    [['sessions', 'list', '--since', 'yesterday'], /is neither a date nor an age\.\n {2}Write 2026-01-31 or/],
    [['sessions', 'list', '--limit', 'x'], /--limit: "x" is not a whole number\./],
    [['sessions', 'list', '--status', 'open'], /--status: "open" is not allowed\. Allowed: active, /],
    [['sessions', 'move', './a', './b'], /clinvk sessions move --from \.\/a --to \.\/b/],
    [['sessions', 'move', '--from', 'a'], /--from needs --to\./],
    [
      ['config', 'default_backend', 'echo'],
      /Unknown command "config default_backend echo"\.\n {2}See: clinvk config --help/,
    ],
    [['config', 'show', 'x'], /clinvk config show takes no argument: x/],
    [
      ['parallel', 'tasks.yaml'],
      /tasks\.yaml is the name of a file, not a prompt\.\n {2}Try: clinvk parallel --file tasks\.yaml/,
    ],
    [['completion', 'tcsh'], /"tcsh" is not allowed\. Allowed: bash, /],
    [['doctor', '--live', '--yes'], /--live needs a value\./],
    [['doctor', '--live', 'clade'], /Did you mean: claude/],
  ]
  for (const [words, says] of errors) {
    it(`is an error, and costs nothing: clinvk ${words.join(' ')}`, async () => {
      const before = user.sessions().length
      const {code, stderr, stdout} = await ends(user.clinvk(words), {stderr: says})
      assert.doesNotMatch(stderr, /USAGE|\n\s+at /, 'no usage dump, no stack trace')
      if (!words.includes('--json')) assert.equal(stdout, '')
      assert.equal(code, stderr.includes('Unknown backend') ? 2 : 1)
      assert.equal(user.sessions().length, before)
    })
  }
})
