import assert from 'node:assert/strict'
import {chmodSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {ends, Sandbox} from '../support/sandbox.js'

/** An editor gets the terminal of clinvk, so each case is a process of its own. */
describe('clinvk config edit', () => {
  const user = new Sandbox().forEachTest()
  let file: string
  beforeEach(() => (file = join(user.home, '.clinvk/config.yaml')))

  const config = (words: readonly string[], env: Record<string, string> = {}) =>
    user.clinvk(['config', ...words], {env})
  const text = () => readFileSync(file, 'utf8')

  const editor = (script: string) => {
    const path = user.write('bin/my editor', `#!/bin/sh\n${script}\n`)
    chmodSync(path, 0o755)
    return `'${path}' --wait`
  }

  it('opens the file in VISUAL or EDITOR, and checks it afterwards', async () => {
    const EDITOR = editor('test "$1" = --wait && echo "default_backend: echo" > "$2"')
    assert.deepEqual(await config(['edit'], {EDITOR}).then(({code, stderr}) => ({code, stderr})), {
      code: 0,
      stderr: '',
    })
    assert.equal(text(), 'default_backend: echo\n')
    const VISUAL = editor('echo "output: {colour: 1}" > "$2"')
    const {code, stderr} = await config(['edit'], {EDITOR: 'false', VISUAL})
    assert.match(stderr, /config\.yaml:1:10: output\.colour: there is no such setting\./)
    assert.equal(code, 3)
  })

  it('begins with the file of init', async () => {
    const EDITOR = editor('grep -c retention_days "$2"')
    assert.equal((await config(['edit'], {EDITOR})).stdout, '1\n')
  })

  it('takes vi where no variable names one, and says what to do when the editor fails', async () => {
    user.installProgram('vi', 'echo "default_backend: echo" > "$1"')
    assert.equal((await config(['edit'])).code, 0)
    assert.equal(text(), 'default_backend: echo\n')
    await ends(config(['edit'], {EDITOR: editor('exit 4')}), {
      stderr: /The editor .* ended with exit code 4\.\n {2}Choose one with VISUAL or EDITOR: EDITOR=nano/,
      code: 1,
    })
    // What lies in the project is not in PATH, whatever PATH says.
    chmodSync(user.write('project/planted', '#!/bin/sh\n'), 0o755)
    const planted = await config(['edit'], {EDITOR: 'planted', PATH: `:.:${user.env.PATH}`})
    assert.match(planted.stderr, /The editor \(planted\) ended with exit code 127\./)
  })
})
