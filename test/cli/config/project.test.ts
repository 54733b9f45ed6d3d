import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {mkdirSync, symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../../support/cli-user.js'
import {json} from '../../support/sandbox.js'
import {scenes} from '../../support/scenes.js'

/** What a `.clinvk.yaml` may do, and what a repository that was cloned cannot. */
describe('the settings file of a project', () => {
  const user = new CliUser().forEachTest()

  const project = (yaml: string) => user.write('project/.clinvk.yaml', yaml)

  scenes(user, 'project')

  const SECRET = 'SECRET-7f3a'
  const path = (name: string) => join(user.project, name)
  const UNREAD: [what: string, make: () => void, says: RegExp][] = [
    [
      'a link that leads out of its directory',
      () => symlinkSync('../.npmrc', path('.clinvk.yaml')),
      /leads out/,
    ],
    ['an absolute link', () => symlinkSync(join(user.home, '.npmrc'), path('.clinvk.yaml')), /leads out/],
    [
      'a link through another',
      () => {
        symlinkSync('..', path('up'))
        symlinkSync('up/.npmrc', path('.clinvk.yaml'))
      },
      /leads out/,
    ],
    ['a link to something endless', () => symlinkSync('/dev/zero', path('.clinvk.yaml')), /leads out/],
    ['nested too deep', () => project('['.repeat(50_000)), /nested too deep/],
    ['a pipe', () => execFileSync('mkfifo', [path('.clinvk.yaml')]), /it is not a file/],
    ['a directory', () => mkdirSync(path('.clinvk.yaml')), /it is not a file/],
    ['larger than 256 KB', () => project(`# ${'x'.repeat(256 * 1024)}\n`), /may have 262144/],
    ['a secret', () => project(`${SECRET}\n`), /This value is not allowed/],
    [
      'secrets of another program',
      () => project(`session: ${SECRET}\nbackends: [${SECRET}]\n`),
      / This value is not allowed/,
    ],
    ['a secret as an alias', () => project(`session: *${SECRET}\n`), /no anchor/],
    ['a secret in a broken text', () => project(`session: "${SECRET}" ${SECRET}\n`), /unexpected here/],
    ['a secret as a tag', () => project(`session: !${SECRET} [!${SECRET} x: &${SECRET}\n`), /config|yaml:1/],
  ]
  for (const [what, make, says] of UNREAD) {
    it(`that is ${what} stops a turn without a word of what is in it`, async () => {
      user.write('.npmrc', `//registry/:_authToken=${SECRET}\n`)
      make()
      for (const words of [
        ['-b', 'echo', 'hello'],
        ['config', 'validate'],
        ['config', 'show'],
      ]) {
        const {code, stderr, stdout} = await user.clinvk(words)
        assert.doesNotMatch(stdout + stderr, new RegExp(SECRET))
        if (words[0] !== '-b') continue
        assert.match(stderr, says)
        assert.equal(code, 3)
      }
    })
  }

  it('may be a link within its repository, and the repository may stand behind a link', async () => {
    mkdirSync(path('.git'))
    user.write('project/config/clinvk.yaml', 'default_backend: echo\n')
    symlinkSync('../config/clinvk.yaml', join(user.directory('project/app'), '.clinvk.yaml'))
    symlinkSync('project/app', join(user.home, 'shortcut'))
    for (const words of [[], ['-w', '../shortcut'], ['-w', 'app']]) {
      const cwd = words.length > 0 ? user.project : path('app')
      assert.equal(json(await user.clinvk([...words, '--json', 'hello there'], {cwd})).backend, 'echo')
    }
  })

  it('cannot write to the terminal', async () => {
    project('"\\e[2Jserver\\n": 1\ndefault_backend: "\\e]0;owned\\a"\n')
    const {stderr} = await user.clinvk(['-b', 'echo', '--json', 'hello'])
    assert.doesNotMatch(stderr, /[\u0000-\u0009\u000B-\u001F]/)
  })
})
