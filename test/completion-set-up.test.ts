import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import type {Failure} from 'clinvk-kit/failure'
import {completionCheck} from '../dist/doctor/completion.js'
import type {DoctorContext} from '../dist/doctor/context.js'
import {placeOf} from '../dist/completion/setup/places.js'
import {install, uninstall} from '../dist/completion/setup/set-up.js'
import {scriptOf, type Shell, shellOf, SHELLS} from '../dist/completion/shells.js'
import {doctor} from './support/doctor.js'
import {ROOT, Sandbox} from './support/sandbox.js'

/** What people have in their start-up files. */
const FILES: Record<string, string | Buffer> = {
  'nothing at all': '',
  lines: 'export EDITOR=vi\nalias ll="ls -l"\n',
  'no line break at the end': 'alias ll="ls -l"',
  'line breaks of Windows': 'alias ll=x\r\nalias la=y\r\n',
  'one without an end on Windows': 'alias ll=x\r\nalias la=y',
  'bytes that are no UTF-8': Buffer.from([0x23, 0x20, 0xff, 0xfe, 0x00, 0xe9, 0x0a]),
  'UTF-8': '# größe 修复\n',
  'only line breaks': '\n\n\n',
}

describe('completion is set up', () => {
  let user: Sandbox
  beforeEach(() => {
    user = new Sandbox()
  })
  afterEach(() => user.remove())

  const place = (shell: Shell, platform = 'linux') => placeOf(shell, user.env, platform)
  const setUp = async (shell: Shell) => install(place(shell), await scriptOf(shell, ROOT))
  const undo = (shell: Shell) => uninstall(place(shell))
  const start = (shell: Shell) => place(shell).start!.file

  for (const shell of SHELLS) {
    it(`for ${shell}, once, and is undone without a trace`, async () => {
      await setUp(shell)
      const before = contents(user.home)
      assert.ok(Object.keys(before).length > 0)
      assert.deepEqual(new Set((await setUp(shell)).map(({done}) => done)), new Set(['unchanged']))
      assert.deepEqual(contents(user.home), before)
      await undo(shell)
      assert.deepEqual(contents(user.home), {})
      assert.deepEqual(await undo(shell), [])
    })
  }

  for (const [what, content] of Object.entries(FILES)) {
    it(`in a file with ${what}, of which each byte comes back`, async () => {
      const file = user.write('.bashrc', content)
      await setUp('bash')
      const after = readFileSync(file)
      assert.ok(after.subarray(0, Buffer.byteLength(content)).equals(Buffer.from(content)))
      await setUp('bash')
      assert.ok(readFileSync(file).equals(after), 'twice is once')
      await undo('bash')
      assert.ok(readFileSync(file).equals(Buffer.from(content)))
    })
  }

  it('and what was written around it since then stays', async () => {
    const file = user.write('.zshrc', 'first=1')
    await setUp('zsh')
    writeFileSync(file, `zero=0\n${readFileSync(file, 'utf8')}last=2\n`)
    await setUp('zsh')
    await undo('zsh')
    assert.equal(readFileSync(file, 'utf8'), 'zero=0\nfirst=1\nlast=2\n')
  })

  it('and renewed where it stands', async () => {
    const file = user.write('.bashrc', 'one\n')
    await setUp('bash')
    const right = readFileSync(file, 'utf8')
    writeFileSync(file, `${right.replace(/^if .*$/m, 'old line')}two\n`)
    await setUp('bash')
    assert.equal(readFileSync(file, 'utf8'), `${right}two\n`)
  })

  it('through a link, with the mode that the file has', async () => {
    const file = user.write('dotfiles/zshrc', 'mine\n')
    chmodSync(file, 0o600)
    symlinkSync('dotfiles/zshrc', start('zsh'))
    await setUp('zsh')
    assert.ok(lstatSync(start('zsh')).isSymbolicLink())
    assert.match(readFileSync(file, 'utf8'), /^mine\n# >>> clinvk completion >>>\n/)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.deepEqual(readdirSync(join(user.home, 'dotfiles')), ['zshrc'])
    await undo('zsh')
    assert.equal(readFileSync(file, 'utf8'), 'mine\n')
  })

  it('in the places that variables name', () => {
    const env = {HOME: '/home/ada', ZDOTDIR: '/z', XDG_CONFIG_HOME: '/x', CLINVK_HOME: "/it's"}
    assert.equal(placeOf('zsh', env, 'linux').start?.file, '/z/.zshrc')
    assert.equal(placeOf('fish', env, 'linux').script, '/x/fish/completions/clinvk.fish')
    const bash = placeOf('bash', env, 'linux')
    assert.deepEqual([bash.script, bash.start?.file], ["/it's/completion/clinvk.bash", '/home/ada/.bashrc'])
    assert.match(bash.start!.lines[0]!, /\. '\/it'\\''s\/completion\/clinvk\.bash'; fi$/)
    assert.match(placeOf('powershell', env, 'linux').start!.lines[0]!, /\. '\/it''s\//)
  })

  it('on macOS in what login shells read', () => {
    assert.equal(place('bash', 'darwin').start?.file, join(user.home, '.bash_profile'))
    user.write('.profile', '')
    assert.equal(place('bash', 'darwin').start?.file, join(user.home, '.profile'))
    user.write('.bash_profile', '[ -f ~/.bashrc ] && . ~/.bashrc\n')
    assert.equal(place('bash', 'darwin').start?.file, join(user.home, '.bash_profile'))
    user.write('.bashrc', '')
    assert.equal(place('bash', 'darwin').start?.file, join(user.home, '.bashrc'))
  })

  describe('not at all, and nothing is touched,', () => {
    const refusals: Record<string, {prepare: () => void; says: RegExp}> = {
      'where the file is read-only': {
        prepare: () => chmodSync(user.write('.bashrc', 'mine\n'), 0o444),
        says: /\.bashrc is read-only, so it is left as it is\. Nothing was changed\./,
      },
      'where the file is a directory': {
        prepare: () => user.directory('.bashrc'),
        says: /\.bashrc is no file\./,
      },
      'where the file is a link to nothing': {
        prepare: () => symlinkSync('gone', join(user.home, '.bashrc')),
        says: /\.bashrc is a link to nothing\./,
      },
      'where somebody has cut our lines in two': {
        prepare: () => user.write('.bashrc', '# >>> clinvk completion >>>\nmine\n'),
        says: /In .*\.bashrc the lines of clinvk have a beginning and no end\./,
      },
      'where another script lies in the place of ours': {
        prepare: () => user.write('.clinvk/completion/clinvk.bash', '# mine\n'),
        says: /clinvk\.bash was not written by clinvk, so it is left as it is\./,
      },
      'where a directory is a file': {
        prepare: () => user.write('.clinvk', 'a file\n'),
        says: /\.clinvk\/completion\/clinvk\.bash cannot be changed: .*ENOTDIR/,
      },
    }
    for (const [where, {prepare, says}] of Object.entries(refusals)) {
      it(where, async () => {
        prepare()
        const before = contents(user.home)
        await assert.rejects(setUp('bash'), (failure: Failure) => {
          assert.match(failure.message, says)
          assert.ok(failure.hints.length > 0)
          return true
        })
        assert.deepEqual(contents(user.home), before)
      })
    }
  })

  it('by one command, which says what it has written and what to do now', async () => {
    user.env.SHELL = '/usr/bin/zsh'
    const file = user.write('.zshrc', 'mine\n')
    const {code, stdout} = await user.clinvk(['completion', '--install'])
    const script = join(user.home, '.clinvk/completion/zsh/_clinvk')
    assert.equal(code, 0)
    assert.equal(
      stdout,
      `Wrote ${script}\nWrote the lines that load it into ${file}\n` +
        'Completion works in new terminals. In this one: exec zsh\nTo undo it: clinvk completion zsh --uninstall\n',
    )
    assert.equal(statSync(join(user.home, '.clinvk')).mode & 0o777, 0o700)
    const printed = await user.clinvk(['autocomplete', 'zsh'])
    assert.equal(printed.stdout, readFileSync(script, 'utf8'))

    const undone = await user.clinvk(['autocomplete', 'zsh', '--uninstall'])
    assert.equal(
      undone.stdout,
      `Took the lines of clinvk out of ${file}\nRemoved ${script}\nTerminals that are open keep it until they end.\n`,
    )
    assert.equal(existsSync(script), false)
  })

  it('as doctor says', async () => {
    user.env.SHELL = '/bin/bash'
    const context = {config: {root: ROOT}, env: user.env} as unknown as DoctorContext
    const finding = async () => (await completionCheck(context).run())[0]!
    const set = {state: 'ok', message: 'completion by TAB is set up for bash'}
    assert.deepEqual((await finding()).hints, ['Set it up: clinvk completion bash --install'])
    await setUp('bash')
    const {message, state} = await finding()
    assert.deepEqual({message, state}, set)
    writeFileSync(place('bash').script, '# older\n# This file is written by: clinvk completion bash\n')
    assert.deepEqual((await finding()).hints, ['Renew it: clinvk completion bash --install'])
    rmSync(place('bash').script)
    writeFileSync(start('bash'), 'eval "$(clinvk completion bash)"\n')
    assert.equal((await finding()).message, set.message)
    const {findings} = await doctor(user)
    assert.deepEqual(
      findings.filter(({check}) => check === 'completion').map((found) => found.message),
      [set.message],
    )
  })

  it('for the shell that the user has', async () => {
    for (const [shell, expected] of [
      ['/bin/bash', 'bash'],
      ['/usr/local/bin/fish', 'fish'],
      ['/usr/bin/pwsh', 'powershell'],
      ['C:\\bin\\zsh.exe'.replaceAll('\\', '/'), 'zsh'],
      ['/bin/dash', undefined],
    ] as const)
      assert.equal(shellOf({SHELL: shell}, 'linux'), expected, shell)
    assert.equal(shellOf({}, 'win32'), 'powershell')

    user.env.SHELL = '/usr/bin/fish'
    const {stdout} = await user.clinvk(['completion'])
    assert.match(stdout, /^Your shell is fish\.[^]*clinvk completion fish --install/)
    delete user.env.SHELL
    const unknown = await user.clinvk(['completion', '--install'])
    assert.equal(unknown.code, 1)
    assert.match(unknown.stderr, /Say which shell[^]*clinvk completion bash --install/)
    assert.match((await user.clinvk(['completion', 'tcsh'])).stderr, /bash, zsh, fish, powershell/)
  })
})

describe('the script for PowerShell', () => {
  it('asks with the words up to the cursor, and quotes what the shell would take for its own', async () => {
    const script = await scriptOf('powershell', ROOT)
    assert.match(script, /Register-ArgumentCompleter -Native -CommandName clinvk/)
    assert.match(script, /__complete --empty -- @words/)
    assert.match(script, /-match '\[\^A-Za-z0-9_\.\/:=\+-\]'/)
    for (const [open, close] of ['{}', '()', '[]'].map((pair) => pair.split('')))
      assert.equal(script.split(open!).length, script.split(close!).length, `${open!} and ${close!}`)
  })
})

/** All files below a directory with what is in them; empty directories do not count. */
function contents(directory: string): Record<string, string> {
  mkdirSync(directory, {recursive: true})
  const found = readdirSync(directory, {recursive: true, withFileTypes: true})
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    found.map((path) => [path, existsSync(path) ? readFileSync(path, 'latin1') : 'link']),
  )
}
