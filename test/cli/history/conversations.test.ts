import assert from 'node:assert/strict'
import {CliUser} from '../../support/cli-user.js'
import {linkKeeperAgent} from '../../support/keeper-agent.js'
import {each, ends, json} from '../../support/sandbox.js'

const ID = '759bf483-1111-4222-8333-444455556666'
const TWIN = '759bf483-9999-4222-8333-444455556666'

describe('what agents had without clinvk', () => {
  const user = new CliUser().forEachTest()
  let here: string
  beforeEach(() => {
    linkKeeperAgent(user)
    here = user.directory('elsewhere')
    record(ID, {title: 'Fruit', cwd: here})
  })

  /** A conversation as the agent itself has recorded it. */
  function record(
    id: string,
    {cwd = user.project, minute = 0, title}: Partial<Record<'cwd' | 'title', string>> & {minute?: number},
  ): void {
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, minute, second)).toISOString()
    const lines = [
      {cwd, title, at: at(0)},
      {type: 'text', role: 'user', text: 'one apple', at: at(1)},
      {type: 'text', role: 'assistant', text: 'I know: one apple', at: at(2), model: 'keeper-1'},
      {type: 'call', model: 'keeper-1', inputTokens: 100, outputTokens: 10, at: at(2)},
    ]
    user.write(`.keeper/${id}.jsonl`, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  }

  const list = async (...words: string[]) => {
    const finished = await ends(user.clinvk(['sessions', 'list', '--json', ...words]), {code: 0})
    return json(finished) as {total: number; sessions: Record<string, unknown>[]}
  }

  it('is listed with --all alone, beside the sessions, with what filters it', async () => {
    await user.clinvk(['-b', 'keeper', 'two pears', '--tag', 'x'])
    const {sessions, total} = await list('--all')
    const [own, agents] = sessions
    assert.equal(total, 2)
    assert.match(String(own!.id), /^[0-9a-f]{32}$/)
    const {last_used, ...shown} = agents!
    assert.match(String(last_used), /^2026-01-01T12:00:0/)
    assert.deepEqual(
      {...shown, created_at: undefined},
      {
        source: 'agent',
        backend: 'keeper',
        backend_session_id: ID,
        working_dir: here,
        title: 'Fruit',
        initial_prompt: 'one apple',
        turn_count: 1,
        created_at: undefined,
      },
    )
    const counts = []
    for (const words of [
      [],
      ['--all', '-b', 'echo'],
      ['--all', '--tag', 'x'],
      ['--all', '--status', 'active'],
      ['--all', '--since', '2026-01-02'],
      ['--all', '--limit', '1'],
    ])
      counts.push((await list(...words)).sessions.length)
    assert.deepEqual(counts, [1, 0, 1, 1, 1, 1])
    const found = json(await user.clinvk(['sessions', 'list', '--all', '--here', '--json'], {cwd: here}))
    assert.equal((found.sessions as unknown[]).length, 1)
  })

  it('is listed by the shortest beginning of its id that is its own, of at least 8 digits', async () => {
    record(TWIN, {minute: 1})
    const {stdout} = await user.clinvk(['sessions', 'list', '--all'])
    const rows = stdout.split('\n').slice(1, 3)
    assert.match(rows[0]!, /^759bf483-9 +keeper +- .*one apple$/)
    assert.match(rows[1]!, /^759bf483-1 +keeper +- .*Fruit$/)
  })

  it('becomes a session when it is resumed, in its directory, once', async () => {
    const {code, stderr, stdout} = await user.clinvk(['resume', '759bf483', 'two pears'])
    assert.equal(code, 0, stderr)
    assert.equal(stdout, 'I know: one apple, two pears\n')
    assert.match(stderr, /Note: This conversation of keeper is session [0-9a-f]{8} now\.\n/)
    assert.ok(stderr.includes(`continues in ${here}`), stderr)
    const [session] = user.sessions()
    assert.deepEqual(
      [session?.backend_session_id, session?.working_dir, session?.title, session?.turn_count],
      [ID, here, 'Fruit', 2],
    )
    await ends(user.clinvk(['resume', ID, 'three figs']), {
      stdout: /^I know: one apple, two pears, three figs\n/,
    })
    assert.equal(user.sessions().length, 1)
    assert.equal((await list('--all')).total, 1)
  })

  it('stays what it is in a dry run, which says what would be done', async () => {
    for (const words of [[], ['--workdir', here]])
      await ends(user.clinvk(['resume', '759bf483', '--dry-run', 'two pears', ...words]), {
        code: 0,
        stdout: new RegExp(`^Would execute: .* resume ${ID}\\nIn: ${here}\\n$`),
      })
    assert.deepEqual(user.sessions(), [])
  })

  it('becomes one when it is tagged or renamed, and is only shown by show', async () => {
    await ends(user.clinvk(['sessions', 'show', '759bf']), {
      stdout: /^ID: +759bf483-1111.*\n(.*\n)*Title: +Fruit\n/,
    })
    assert.deepEqual(user.sessions(), [])
    await ends(user.clinvk(['sessions', 'tag', '759bf', 'add', 'fruit']), {stdout: /has the tags fruit/})
    await ends(user.clinvk(['sessions', 'rename', ID, 'plums']), {stdout: /is now called plums/})
    assert.deepEqual(each(user.sessions(), 'name', 'tags'), [['plums', ['fruit']]])
  })

  it('is not meant by what names a session, nor by what is no id, and is named where several are', async () => {
    const {session_id: id} = json(await user.clinvk(['-b', 'keeper', 'two pears', '--json']))
    record(`${String(id).slice(0, 6)}-1111`, {})
    await ends(user.clinvk(['resume', String(id).slice(0, 6), 'go on']), {
      stdout: /^I know: two pears, go on/,
    })
    record(TWIN, {minute: 1})
    await ends(user.clinvk(['resume', '759bf483', 'x']), {
      code: 4,
      stderr: /"759bf483" matches 2 sessions and conversations of agents\. Give more digits:\n {2}759bf483-1/,
    })
    await ends(user.clinvk(['resume', 'plums', 'x']), {stderr: /There is no session "plums"/})
    await ends(user.clinvk(['resume', '759bf4839', 'x']), {stderr: /There is no session "759bf4839"/})
  })

  it('gives its title to the session, for lists, the picker and TAB', async () => {
    const {session_id: id, backend_session_id: own} = json(await user.clinvk('-b keeper "two pears" --json'))
    record(String(own), {title: 'Pears and \u001B[31mplums'})
    await ends(user.clinvk(['history', 'sync']), {stdout: /^Read 2 of 2 conversations/})
    const {stdout} = await user.clinvk(['sessions', 'list'])
    assert.match(stdout, RegExp(`^${String(id).slice(0, 8)} .* Pears and plums$`, 'm'))
    await ends(user.clinvk(['__complete', '--', 'resume', '']), {stdout: /: Pears and plums\n/})
  })

  it('is counted by usage, and what it is worth is shown with a session', async () => {
    const usage = async (...words: string[]) =>
      json(await user.clinvk(['usage', '--since', '2025-12-01', '--json', ...words]))
    await user.clinvk(['resume', ID, 'two pears'])
    const {rows, total} = (await usage('--by', 'backend')) as {rows: Record<string, unknown>[]; total: object}
    const keeper = {calls: 2, input_tokens: 200, output_tokens: 20, total_tokens: 220}
    const unknown = (unpriced_calls: number) => ({source: 'unknown', unpriced_calls})
    assert.deepEqual(rows[0], {backend: 'keeper', ...keeper, cost: unknown(2)})
    assert.deepEqual(total, {...keeper, cost: unknown(2)})
    user.write('.clinvk/config.yaml', 'prices: {keeper-1: {input: 1000, output: 10000}}\n')
    const shown = json(await user.clinvk(['sessions', 'show', ID, '--cost', '--json']))
    assert.deepEqual(shown.cost, {usd: 0.4, source: 'computed'})
    await ends(user.clinvk(['sessions', 'show', ID, '--cost']), {stdout: /^API Value: +\$0\.40$/m})
    await user.clinvk(['sessions', 'delete', ID, '--agent'])
    const [kept] = (await usage('--by', 'session')).rows as object[]
    assert.deepEqual(
      {...kept, session: undefined, title: undefined},
      {
        session: undefined,
        title: undefined,
        backend: 'keeper',
        backend_session_id: ID,
        ...keeper,
        cost: {usd: 0.4, source: 'computed'},
      },
    )
    user.write('.clinvk/config.yaml', 'session: {store_token_usage: false}\n')
    assert.deepEqual((await usage()).rows, [])
  })
})
