import assert from 'node:assert/strict'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {gunzipSync} from 'node:zlib'
import {CliUser} from '../../support/cli-user.js'
import {linkKeeperAgent} from '../../support/keeper-agent.js'
import {ends, json} from '../../support/sandbox.js'
import {scenes} from '../../support/scenes.js'

describe('the archive', () => {
  const user = new CliUser().forEachTest()
  beforeEach(() => linkKeeperAgent(user))

  const ask = (...words: string[]) => user.ask(...words)
  const recordOf = (id: string) => join(user.home, '.keeper', `${id}.jsonl`)
  const archiveOf = (id: string) => join(user.home, '.clinvk/archive/keeper', id)
  /** What is archived of the file, and in how many gzip members. */
  const archived = (id: string) => {
    const [name] = readdirSync(archiveOf(id)).filter((file) => file.endsWith('.gz'))
    const bytes = readFileSync(join(archiveOf(id), name!))
    return {
      text: gunzipSync(bytes).toString(),
      members: bytes.toString('latin1').split('\x1f\x8b\x08').length - 1,
    }
  }

  scenes(user, 'archive')

  it('has the whole record after each turn, and compresses only what is new', async () => {
    const {backend_session_id: id} = await ask('-b', 'keeper', 'one apple')
    assert.deepEqual(archived(id), {text: readFileSync(recordOf(id), 'utf8'), members: 1})
    await ask('-c', 'two pears')
    assert.deepEqual(archived(id), {text: readFileSync(recordOf(id), 'utf8'), members: 2})
    assert.equal(statSync(archiveOf(id)).mode & 0o777, 0o700)
  })

  it('copies a record anew that was rewritten, and keeps one that is gone', async () => {
    const {backend_session_id: id} = await ask('-b', 'keeper', 'one apple')
    const rewritten = readFileSync(recordOf(id), 'utf8').replaceAll('apple', 'peach')
    writeFileSync(recordOf(id), rewritten)
    await ask('-c', 'two pears')
    assert.match(archived(id).text, /peach/)
    assert.doesNotMatch(archived(id).text, /apple/)
    const before = archived(id)
    rmSync(recordOf(id))
    await user.clinvk(['-b', 'keeper', 'another'])
    assert.deepEqual(archived(id), before)
  })

  it('takes a record of which only the time has changed for what it has', async () => {
    const {backend_session_id: id} = await ask('-b', 'keeper', 'one apple')
    const before = archived(id)
    utimesSync(recordOf(id), new Date(), new Date(Date.now() + 5000))
    await ends(user.clinvk(['history', 'sync']), {code: 0, stderr: ''})
    assert.deepEqual(archived(id), before)
  })

  it('restores by hand, also with the conversation that it cannot be read without, and never over a file', async () => {
    const {backend_session_id: parent} = await ask('-b', 'keeper', 'one apple')
    const {backend_session_id: id} = await ask('-b', 'keeper', 'two pears')
    const lines = readFileSync(recordOf(id), 'utf8').split('\n')
    lines[0] = JSON.stringify({...(JSON.parse(lines[0]!) as object), parent})
    writeFileSync(recordOf(id), lines.join('\n'))
    await ask('-c', 'three plums')
    for (const one of [parent, id]) rmSync(recordOf(one))
    const done = user.clinvk(['history', 'restore', id.slice(0, 8)])
    await ends(done, {code: 0, stdout: `The conversation ${id} is back in Keeper.\n`})
    assert.ok(existsSync(recordOf(parent)), 'the parent is back')
    await ends(user.clinvk(['history', 'restore', id]), {code: 0, stdout: /Nothing was changed/})
    // It cannot be read without its parent, which so stays when only that is deleted.
    const deleted = user.clinvk(['sessions', 'delete', ...(await sessionsOf(parent))])
    await ends(deleted, {code: 0, stderr: /^Note: The archive keeps its record, because forks/})
    assert.ok(existsSync(archiveOf(parent)))
  })

  const sessionsOf = async (conversation: string) => {
    const {sessions} = json(await user.clinvk(['sessions', 'list', '--json'])) as {
      sessions: Record<string, string>[]
    }
    return sessions.filter(({backend_session_id: id}) => id === conversation).map(({id}) => id!)
  }

  it('is off, or full, without a word while the turn runs, and doctor says that it is full', async () => {
    user.write('.clinvk/config.yaml', 'history: {archive: off}\n')
    const {backend_session_id: off} = await ask('-b', 'keeper', 'one apple')
    assert.equal(existsSync(archiveOf(off)), false)
    user.write('.clinvk/config.yaml', 'history: {max_size: 120 KiB}\n')
    const noise = Array.from({length: 4000}, () => Math.random().toString(36)).join('')
    const {backend_session_id: first} = await ask('-b', 'keeper', noise)
    const {backend_session_id: second} = await ask('-b', 'keeper', 'two pears')
    assert.deepEqual(
      [first, second].map((id) => existsSync(archiveOf(id))),
      [true, false],
    )
    await ends(user.clinvk(['doctor']), {
      stdout:
        /warning +archive and transcripts have .*; history\.max_size is 120 KiB, so nothing more is archived\./,
    })
  })

  it('is told of by history, with what the agent deletes soon', async () => {
    const {backend_session_id: id} = await ask('-b', 'keeper', 'one apple')
    const old = new Date(Date.now() - 25 * 86_400_000)
    for (const name of [id, 'of-the-agent-alone']) {
      appendFileSync(recordOf(name), '{"cwd":"/"}\n')
      utimesSync(recordOf(name), old, old)
    }
    const {backends} = json(await user.clinvk(['history', '--json'])) as {backends: object[]}
    assert.equal(Object.entries(backends[0]!)[1]![1], 1)
    await ends(user.clinvk(['history']), {
      code: 0,
      stdout: /keeper: +1 archived[^]*keeper deletes within 7 days[^]* of-the-agent-alone\n/,
    })
    const {stdout} = await user.clinvk(['doctor'])
    assert.match(stdout, /Keeper deletes 2 conversations within 7 days that are not in the archive\./)
  })

  it('is cleaned by age after confirmation, and what was cleaned is no longer found', async () => {
    const {backend_session_id: id, session_id} = await ask('-b', 'keeper', 'one apple')
    await ends(user.clinvk(['search', 'apple']), {stdout: /\n2 messages\n$/})
    const clean = (...words: string[]) => user.clinvk(['history', 'clean', '--older-than', '30d', ...words])
    await ends(clean(), {code: 0, stdout: /^Deleted 0 transcripts and 0 archived records/})
    const file = join(archiveOf(id), 'about.json')
    const about = JSON.parse(readFileSync(file, 'utf8')) as {files: object[]}
    const files = about.files.map((archived) => ({...archived, changedAt: 1}))
    writeFileSync(file, JSON.stringify({...about, files, updatedAt: '2020-01-01T00:00:00Z'}))
    await ends(clean(), {
      code: 1,
      stderr: /^Error: This would remove .* and 1 archived record older than 30d/,
    })
    await ends(clean('--dry-run'), {code: 0, stdout: /^Would delete .* 1 archived record older/})
    utimesSync(join(user.home, `.clinvk/transcripts/${session_id}.jsonl`), 1, 1)
    rmSync(recordOf(id))
    await ends(clean('--yes', '--json'), {code: 0, stdout: /"transcripts": 1,\s+"archived": 1/})
    assert.equal(existsSync(archiveOf(id)), false)
    await ends(user.clinvk(['search', 'apple']), {stdout: 'Nothing found.\n', stderr: ''})
    for (const words of [['search', 'apple'], ['usage']])
      await ends(user.clinvk([...words, '-b', 'ecko']), {code: 0, stderr: /^Note: Unknown backend "ecko"/m})
  })

  it('writes back only below the directories of the agent', async () => {
    const {backend_session_id: id} = await ask('-b', 'keeper', 'one apple')
    const file = join(archiveOf(id), 'about.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace(recordOf(id), join(user.home, '.bashrc')))
    rmSync(recordOf(id))
    mkdirSync(join(user.home, '.keeper'), {recursive: true})
    await ends(user.clinvk(['history', 'restore', id]), {
      code: 4,
      stderr: /lies outside the directories of the agent/,
    })
    assert.equal(existsSync(join(user.home, '.bashrc')), false)
  })
})
