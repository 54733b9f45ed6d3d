import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import type {Config} from '@oclif/core'
import {install, placeOf, scriptOf, type Shell, shellOf, uninstall} from '../../src/completion/install.js'
import {completionFindings} from '../../src/doctor/set-up.js'
import {CliUser} from '../support/cli-user.js'
import {filesIn} from '../support/files-in.js'
import {ends, ROOT} from '../support/sandbox.js'

describe('completion --install', () => {
  const user = new CliUser().forEachTest()

  const setUp = async (shell: Shell) => install(shell, await scriptOf(shell, ROOT), user.env)

  for (const shell of ['bash', 'fish'] as const) {
    it(`writes one file for ${shell}, which --uninstall removes`, async () => {
      await setUp(shell)
      const written = contents(user.home)
      assert.deepEqual(written, {[placeOf(shell, user.env).script!]: await scriptOf(shell, ROOT)})
      assert.deepEqual(await setUp(shell), [`${placeOf(shell, user.env).script!} is up to date.`])
      assert.deepEqual(contents(user.home), written)
      await uninstall(shell, user.env)
      assert.deepEqual(contents(user.home), {})
      assert.deepEqual(await uninstall(shell, user.env), [`Completion for ${shell} is not installed.`])
    })
  }

  for (const [shell, file] of [
    ['zsh', '.zshrc'],
    ['powershell', '.config/powershell/Microsoft.PowerShell_profile.ps1'],
  ] as const) {
    it(`prints the line to add for ${shell}, and writes nothing`, async () => {
      const [what, line] = await setUp(shell)
      assert.match(what!, shell === 'zsh' ? /add this line at the end of .*\/\.zshrc:$/ : /\$PROFILE:$/)
      assert.ok(line!.includes(`clinvk completion ${shell}`))
      assert.deepEqual(contents(user.home), {})
      user.write(file, `${line!}\n`)
      assert.match((await uninstall(shell, user.env))[0]!, /^Remove this line from .* yourself: /)
      assert.equal(readFileSync(join(user.home, file), 'utf8'), `${line!}\n`)
    })
  }

  it('writes to the directories that variables name', () => {
    const env = {HOME: '/home/ada', ZDOTDIR: '/z', XDG_CONFIG_HOME: '/x', XDG_DATA_HOME: '/d'}
    assert.equal(
      placeOf('bash', {HOME: '/home/ada'}).script,
      '/home/ada/.local/share/bash-completion/completions/clinvk',
    )
    assert.equal(placeOf('bash', env).script, '/d/bash-completion/completions/clinvk')
    assert.equal(placeOf('bash', {...env, BASH_COMPLETION_USER_DIR: '/b:/c'}).script, '/b/completions/clinvk')
    assert.equal(placeOf('zsh', env).startFile, '/z/.zshrc')
    assert.equal(placeOf('fish', env).script, '/x/fish/completions/clinvk.fish')
  })

  it('replaces neither another script nor a directory', async () => {
    const script = placeOf('bash', user.env).script!
    mkdirSync(join(script, '..'), {recursive: true})
    writeFileSync(script, '# mine\n')
    await assert.rejects(setUp('bash'), {message: /clinvk was not written by clinvk and is not changed\./})
    assert.deepEqual(contents(user.home), {[script]: '# mine\n'})
    rmSync(script)
    mkdirSync(script)
    await assert.rejects(setUp('bash'), {message: /clinvk cannot be read: .*EISDIR/})
    assert.deepEqual(contents(user.home), {})
  })

  it('says what to do when the directory cannot be written', async () => {
    user.write('.local', 'a file\n')
    const message = /completions\/clinvk cannot be (?:read|written): .*ENOTDIR/
    await assert.rejects(setUp('bash'), {message})
  })

  it('tells what it has written, and how to undo it', async () => {
    user.env.SHELL = '/usr/bin/bash'
    const script = join(user.home, '.local/share/bash-completion/completions/clinvk')
    await ends(user.clinvk(['completion', '--install']), {
      code: 0,
      stdout: RegExp(
        `^Wrote ${script}\nCompletion works in new terminals\\.\n.*bash-completion.*eval "\\$\\(clinvk completion bash\\)"\nTo undo it: clinvk completion bash --uninstall\n$`,
      ),
    })
    assert.equal((await user.clinvk(['autocomplete', 'bash'])).stdout, readFileSync(script, 'utf8'))
    const undone = await user.clinvk(['autocomplete', 'bash', '--uninstall'])
    assert.equal(undone.stdout, `Removed ${script}\nOpen terminals keep it until they are closed.\n`)
    assert.equal(existsSync(script), false)
  })

  it('is checked by doctor', async () => {
    user.env.SHELL = '/bin/bash'
    const context = {config: {root: ROOT} as unknown as Config, env: user.env}
    const finding = async () => (await completionFindings(context))[0]!
    const installed = {state: 'ok', message: 'completion is installed for bash'}
    assert.deepEqual((await finding()).hints, ['Install it: clinvk completion bash --install'])
    await setUp('bash')
    assert.deepEqual(await finding(), installed)
    const renew = ['Renew it: clinvk completion bash --uninstall && clinvk completion bash --install']
    writeFileSync(placeOf('bash', user.env).script!, '# This file is written by: clinvk completion bash\n')
    assert.deepEqual((await finding()).hints, renew)
    await uninstall('bash', user.env)
    user.write('.bashrc', 'eval "$(clinvk completion bash)"\n')
    assert.deepEqual(await finding(), installed)
    user.write('.bashrc', marked('. it'))
    assert.deepEqual((await finding()).hints, renew)
  })

  it('is for the shell of the user', async () => {
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
    assert.match(unknown.stderr, /Name the shell[^]*clinvk completion bash --install/)
    assert.match((await user.clinvk(['completion', 'tcsh'])).stderr, /bash, zsh, fish, powershell/)
  })
})

describe('what earlier versions of completion --install wrote', () => {
  const user = new CliUser().forEachTest()

  for (const [what, text] of Object.entries({
    'nothing else': '',
    'other lines': 'export EDITOR=vi\nalias ll="ls -l"\n',
    'line breaks of Windows': 'alias ll=x\r\nalias la=y\r\n',
    'bytes that are no UTF-8': Buffer.from([0x23, 0x20, 0xff, 0xfe, 0x00, 0xe9, 0x0a]),
    'only line breaks': '\n\n\n',
  })) {
    it(`is removed from a file with ${what}, of which each byte stays`, async () => {
      const before = Buffer.from(text as string)
      const file = user.write('.bashrc', Buffer.concat([before, Buffer.from(marked('. it'))]))
      assert.deepEqual((await uninstall('bash', user.env))[0], `Removed the lines of clinvk from ${file}`)
      assert.ok(readFileSync(file).equals(before))
    })
  }

  it('is removed with the script, and a file that was made for it', async () => {
    for (const [shell, start, script] of [
      ['bash', '.bash_profile', 'clinvk.bash'],
      ['zsh', '.zshrc', 'zsh/_clinvk'],
      ['powershell', '.config/powershell/Microsoft.PowerShell_profile.ps1', 'clinvk.ps1'],
    ] as const) {
      user.write(start, marked('. it', 'the file was made for it'))
      user.write(`.clinvk/completion/${script}`, 'a script\n')
      assert.equal((await uninstall(shell, user.env)).length, 3)
      assert.deepEqual(contents(user.home), {}, shell)
      assert.ok(!existsSync(join(user.home, '.clinvk/completion')), shell)
    }
  })

  it('is removed between lines that were added since', async () => {
    const lines = marked('. it', 'put after a line without an end')
    const file = user.write('.zshrc', `zero=0\nfirst=1\n${lines}last=2\n`)
    await uninstall('zsh', user.env)
    assert.equal(readFileSync(file, 'utf8'), 'zero=0\nfirst=1\nlast=2\n')
  })

  it('is removed through a link, and the mode of the file stays', async () => {
    const file = user.write('dotfiles/zshrc', `mine\n${marked('. it')}`)
    chmodSync(file, 0o600)
    symlinkSync('dotfiles/zshrc', join(user.home, '.zshrc'))
    await uninstall('zsh', user.env)
    assert.ok(lstatSync(join(user.home, '.zshrc')).isSymbolicLink())
    assert.equal(readFileSync(file, 'utf8'), 'mine\n')
    assert.equal(statSync(file).mode & 0o777, 0o600)
  })

  it('stays where its last line is missing', async () => {
    const text = '# >>> clinvk completion >>>\nmine\n'
    const file = user.write('.bashrc', text)
    await assert.rejects(uninstall('bash', user.env), {
      message: /^The end of clinvk's lines in .*\.bashrc is missing/,
    })
    assert.equal(readFileSync(file, 'utf8'), text)
  })
})

describe('the script for PowerShell', () => {
  it('asks with the words up to the cursor, and quotes what the shell would interpret', async () => {
    const script = await scriptOf('powershell', ROOT)
    assert.match(script, /Register-ArgumentCompleter -Native -CommandName clinvk/)
    assert.match(script, /__complete --empty -- @words/)
    assert.match(script, /-match '\[\^A-Za-z0-9_\.\/:=\+-\]'/)
    for (const [open, close] of ['{}', '()', '[]'].map((pair) => pair.split('')))
      assert.equal(script.split(open!).length, script.split(close!).length, `${open!} and ${close!}`)
  })
})

function marked(line: string, note?: string): string {
  const name = note === undefined ? 'clinvk completion' : `clinvk completion (${note})`
  return `# >>> ${name} >>>\n${line}\n# <<< clinvk completion <<<\n`
}

/** All files below a directory with their text; empty directories do not count. */
function contents(directory: string): Record<string, string> {
  const paths = filesIn(directory).map((name) => join(directory, name))
  return Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'utf8')]))
}
