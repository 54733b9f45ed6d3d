import assert from 'node:assert/strict'
import {readFileSync, renameSync} from 'node:fs'
import {join} from 'node:path'
import {identify} from 'clinvk-kit/process/identity'
import {CliUser} from '../support/cli-user.js'
import {linkBackendPlugin} from '../support/link-plugin.js'
import {ends, json} from '../support/sandbox.js'
import {scenes} from '../support/scenes.js'
import {storeSession} from '../support/stored-session.js'

/** What the real agents do in the new directory is shown in test/agents. */
describe('sessions of a project that was renamed', () => {
  const user = new CliUser({CLINVK_BACKEND: 'echo'}).forEachTest()
  let renamed: string
  const rename = () => {
    renamed = join(user.home, 'new name')
    user.directory('project/sub')
    renameSync(user.project, renamed)
  }

  const running = {clinvk: identify(process.pid)!}
  const fileOf = (id: string) =>
    JSON.parse(
      readFileSync(join(user.home, `.clinvk/sessions/${id.padEnd(32, '0')}.json`), 'utf8'),
    ) as Record<string, unknown>
  const clinvk = (line: string) =>
    user.clinvk(
      line.split(' ').map((word) => word.replace('NEW_DIR', renamed)),
      {cwd: user.home},
    )
  const directories = () => user.sessions().map(({working_dir: directory}) => directory)

  beforeEach(() => {
    linkBackendPlugin(user, 'plain', 'export default {plan() {}, reader() {}}')
    linkBackendPlugin(
      user,
      'broken',
      'export default {plan() {}, reader() {}, move() { throw new Error("no luck") }}',
    )
  })
  scenes(user, 'moved')

  it('resume nowhere else unasked, and each error names the command that moves them', async () => {
    await user.clinvk(['one'])
    const [{id = ''} = {}] = user.sessions() as {id?: string}[]
    rename()
    const {stderr: gone} = await ends(clinvk(`resume ${id} two`), {
      code: 4,
      stderr: /directory of session \S+ is gone: /,
    })
    for (const words of [`resume ${id}`, '-c', `--session ${id}`]) {
      const {stderr} = await ends(clinvk(`${words} -w NEW_DIR two`), {code: 1})
      assert.match(
        stderr,
        /^Error: Session \S+ belongs to \S+project, not to .*new name\.\n {2}Move it there and resume it: clinvk resume \S+ --workdir '.*new name' --move "…"\n/,
      )
    }
    assert.deepEqual(directories(), [user.project])
    const [, , all = ''] = /clinvk (resume .*)\n.*clinvk (sessions move .*)\n/.exec(gone) ?? []
    await ends(clinvk(all), {code: 0, stdout: `Moved session ${id.slice(0, 8)} to ${renamed}\n`})
    await ends(clinvk(`resume ${id} two`), {code: 0, stdout: /turn 2 of our conversation/})
  })

  it('keep all but their directory, and are found there', async () => {
    const fields = {
      backend_session_id: 'x',
      name: 'mine',
      tags: ['a'],
      theirs: {b: 1},
      token_usage: {input_tokens: 5},
    }
    storeSession(user, 'abc1', fields)
    const before = fileOf('abc1')
    rename()
    await ends(clinvk('sessions move mine NEW_DIR'), {
      code: 0,
      stdout: `Moved session abc10000 to ${renamed}\n`,
      stderr: '',
    })
    const {status: _status, ...after} = fileOf('abc1')
    assert.deepEqual(after, {...before, working_dir: renamed})
    const {sessions} = json(await user.clinvk(['sessions', 'list', '--here', '--json'], {cwd: renamed}))
    assert.equal((sessions as []).length, 1)
  })

  it('are moved all at once, with those of directories below; what cannot be moved stays, and is said', async () => {
    const conversation = {backend_session_id: 'x'}
    const {project} = user
    storeSession(user, 'a', conversation)
    storeSession(user, 'b', {...conversation, working_dir: `${project}/sub`})
    storeSession(user, 'c', {...conversation, working_dir: `${project}-2`})
    rename()
    const moved = ['a', 'b'].map((id, index) => {
      const below = ['', '/sub'][index]!
      return {id: id.padEnd(32, '0'), from: project + below, to: renamed + below}
    })
    const line = `sessions move --from ${project} --to NEW_DIR`
    assert.deepEqual(json(await clinvk(`${line} --dry-run --json`)), {dry_run: true, moved, skipped: []})
    assert.deepEqual(directories(), [project, `${project}/sub`, `${project}-2`])
    storeSession(user, 'd', {...conversation, working_dir: `${project}/gone`})
    storeSession(user, 'e', {...conversation, running})
    await ends(clinvk(line), {
      code: 1,
      stdout: moved.map(({id, to}) => `Moved session ${id.slice(0, 8)} to ${to}\n`).join(''),
      stderr:
        /^Note: Session d0000000 stays in \S+gone\. Directory not found: .*\nNote: Session e0000000 stays in \S+\. .* is in use/,
    })
    assert.deepEqual(directories(), [renamed, `${renamed}/sub`, `${project}-2`, `${project}/gone`, project])
    await ends(clinvk(`${line} --json`), {code: 1, stdout: /"skipped": \[\n +{/})
    await ends(clinvk(`sessions move --from ${project}-3 --to NEW_DIR`), {
      code: 4,
      stderr: /No session belongs to .*project-3 or/,
    })
  })
})
