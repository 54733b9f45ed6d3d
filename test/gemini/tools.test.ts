import assert from 'node:assert/strict'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {withGemini} from '../support/gemini-sandbox.js'
import {jsonLines} from '../support/sandbox.js'

describe('a tool of gemini', () => {
  const gemini = withGemini()
  const path = () => join(gemini.user.project, 'auth.go')

  it('that is denied is named, with the command that goes on and does it', async () => {
    const {server, user} = gemini
    const write = {tools: [{name: 'write_file', input: {file_path: path(), content: 'fixed'}}]}
    server.when(/fix|continue/, write, {text: 'As far as I could.'})
    const denied = await user.clinvk(['fix it', '-m', 'fast'])
    assert.deepEqual([denied.code, denied.stdout], [0, 'As far as I could.\n'])
    const command = `clinvk resume ${user.session().id.slice(0, 8)} --approval-mode auto continue`
    assert.equal(
      denied.stderr,
      `gemini was not allowed to use:\n  write_file ${path()}\nGo on with more rights: ${command}\n`,
    )
    assert.ok(!existsSync(path()))
    const typed = await user.run('sh', ['-c', command], {env: {PATH: user.pathWithClinvk()}}).finished
    assert.deepEqual([typed.code, typed.stderr], [0, ''])
    assert.equal(readFileSync(path(), 'utf8'), 'fixed')
  })

  it('edits with --approval-mode auto, and is told as it goes', async () => {
    const {server, user} = gemini
    user.write('project/auth.go', 'broken')
    const edit = {file_path: path(), old_string: 'broken', new_string: 'mended', instruction: 'Mend it.'}
    server.when(
      'mend',
      {thinking: 'hm', text: 'First.', tools: [{name: 'read_file', input: {file_path: path()}}]},
      {tools: [{name: 'replace', input: edit}]},
      {text: 'Mended.'},
    )
    const words = ['mend it', '-m', 'fast', '--approval-mode', 'auto', '-o', 'stream-json']
    const events = jsonLines(await user.clinvk(words))
    assert.equal(readFileSync(path(), 'utf8'), 'mended')
    const ofType = (wanted: string) => events.filter(({type}) => type === wanted)
    assert.deepEqual(
      ofType('tool_call').map(({name, target}) => [name, target]),
      [
        ['read_file', path()],
        ['replace', path()],
      ],
    )
    assert.deepEqual(
      ofType('tool_result').map(({id, is_error: isError}) => [id, isError]),
      ofType('tool_call').map(({id}) => [id, false]),
    )
    const said = ofType('text').map(({text}) => text)
    assert.equal(said.join(''), 'First.\n\nMended.')
    assert.ok(said.length > 2)
    assert.deepEqual([ofType('session').length, ofType('unparsed').length], [1, 0])
    assert.deepEqual(
      [events[0]?.version, events.at(-1)?.type, events.at(-1)?.content],
      [1, 'done', said.join('')],
    )
  })
})
