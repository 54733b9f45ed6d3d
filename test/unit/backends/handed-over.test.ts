import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {join} from 'node:path'
import type {Ask, ConversationDraft, DraftMessage} from 'clinvk-contract'
import {agentFiles} from 'clinvk-kit/turn/agent-files'
import Database from 'libsql'
import {backendOf} from '../../support/backend-of.js'
import {historyOf} from '../../support/history-of.js'
import {Sandbox} from '../../support/sandbox.js'

const TEXTS = [
  ...['/clear the cache', '?', '<environment_context>mine</environment_context>', '<user_instructions>', '<session_context>'],
  ...['  blanks around \n', '- a\n\n  - b\r\n\t', '👩‍👩‍👧 é ￿', '\u0000\u0001\u001b[31m\u0085\u2028', '{"type":"session_meta"}'],
  ...['"payload":{"type":"message"', "it's $HOME `x` \\ %s", '[Request interrupted by user]', 'x'.repeat(1_000_000)],
  ...['the same', 'the same', '<system-reminder>', ' /blank', '\u200B/mark', '<hook_context>', 'Please continue.'],
  ...['Got it. Thanks for the additional context!', '<command-name>/clear</command-name>'],
] // prettier-ignore
const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString()
const messages: DraftMessage[] = TEXTS.flatMap((text, index) => [
  {role: 'user', text, at: at(index)},
  {role: 'assistant', text, at: at(index)},
])

describe('a conversation that is handed to', () => {
  const sandbox = new Sandbox().forEachTest()
  const draft = (more: Partial<ConversationDraft> = {}): ConversationDraft => ({
    ...{id: '12345678-9abc-4def-8123-456789abcdef', cwd: '/srv', title: 'The title', messages, ...more},
  })
  const write = async (agent: string, asked = draft(), ask: Ask = () => Promise.resolve(undefined)) => {
    const {backend, directories = []} = await backendOf(agent)
    return backend.history!.write!(asked, agentFiles(directories, {HOME: sandbox.home}), ask)
  }
  const read = async (agent: string, id: string, ask?: Ask) => {
    const history = await historyOf(agent, sandbox.home, ask)
    const [found] = await history.conversations({id, cwd: '/srv'})
    assert.equal(found?.id, id)
    return (await history.transcript(found)).flatMap((entry) => {
      if (entry.type !== 'text') return []
      assert.notEqual(entry.model, 'unknown')
      return [[entry.role, entry.text]]
    })
  }
  const expected = messages.map(({role, text}) => [role, text])

  for (const agent of ['claude', 'codex', 'gemini'])
    it(`${agent} is read back as it was written, whatever was said`, async () => {
      const {id, lines, path = ''} = await write(agent)
      const all: string[] = []
      for await (const line of lines) all.push(line)
      assert.ok(path.startsWith(sandbox.home) && all.every((line) => !line.includes('\n')))
      sandbox.write(path.slice(sandbox.home.length), all.map((line) => `${line}\n`).join(''))
      assert.deepEqual(await read(agent, id), expected)
    })

  it('claude has a model in each answer, and each line follows the one before', async () => {
    const {lines, path} = await write('claude', draft({cwd: '/srv/a_b'}))
    assert.ok(path?.endsWith('/.claude/projects/-srv-a-b/12345678-9abc-4def-8123-456789abcdef.jsonl'), path)
    const all = (lines as string[]).slice(0, -1).map((line) => JSON.parse(line) as ClaudeLine)
    for (const [index, {message, parentUuid}] of all.entries()) {
      assert.equal(parentUuid, all[index - 1]?.uuid ?? null)
      if (message.role === 'assistant') assert.ok(message.model && Array.isArray(message.content))
    }
  })

  const root = (path: string) => ({[`tmp/${path}/.project_root`]: '/other/work'})
  const named = (projects: object) => ({'projects.json': JSON.stringify({projects})})
  const hash = createHash('sha256').update('/a/My_work!').digest('hex')
  for (const [title, before, folder] of [
    ['the one that gemini will make', {}, 'my-work'],
    [
      'the next where another directory has that',
      {...root('my-work'), ...named({'/b': 'my-work-1'})},
      'my-work-2',
    ],
    ['the one that is listed', named({'/a/My_work!': 'listed'}), 'listed'],
    [
      'not the one that is listed where another directory has it',
      {...named({'/a/My_work!': 'x'}), ...root('x')},
      'my-work',
    ],
    ['not one that cannot be', named({'/a/My_work!': '../x'}), 'my-work'],
    ['the one in which it is written', {'tmp/y/.project_root': '/a/My_work!\n'}, 'y'],
    ['the one of an older version, which gemini copies', {[`tmp/${hash}/logs.json`]: '[]'}, hash],
  ] as [string, Record<string, string>, string][])
    // prettier-ignore
    it(`gemini lies in the folder of its directory: ${title}`, async () => {
      for (const [name, text] of Object.entries(before)) sandbox.write(`.gemini/${name}`, text)
      const {path} = await write('gemini', draft({cwd: '/a/My_work!'}))
      assert.ok(path?.startsWith(join(sandbox.home, '.gemini/tmp', folder, 'chats', 'session-')), path)
    })

  it('codex is a thread of its own place and time, with the same id inside', async () => {
    const [first, second] = [await write('codex'), await write('codex', draft({id: crypto.randomUUID()}))]
    const [meta = ''] = first.lines as string[]
    const {payload} = JSON.parse(meta) as {payload: Record<string, string>}
    assert.equal(payload.id, first.id)
    assert.notEqual(first.id, second.id)
    const began = new Date(payload.timestamp!)
    const local = new Date(began.getTime() - began.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
    const [day = '', time = ''] = local.split('T')
    const name = `rollout-${day}T${time.replaceAll(':', '-')}-${first.id}.jsonl`
    assert.ok(first.path?.endsWith(`/.codex/sessions/${day.replaceAll('-', '/')}/${name}`), first.path)
    // Codex refuses a thread of another provider than the user's, and lines that are wrongly numbered.
    for (const field of ['model_provider', 'history_mode']) assert.equal(payload[field], undefined)
  })

  describe('opencode', () => {
    let database: Database.Database
    beforeEach(() => {
      database = new Database(':memory:')
      database.exec(`
        create table session (id text, parent_id text, directory text, title text, time_created, time_updated);
        create table message (id text, session_id text, time_created, data text);
        create table part (id text, message_id text, time_created, data text)`)
    })
    afterEach(() => database.close())
    const answers =
      (config: object): Ask =>
      ({args: [command, , , sql = '']}) => {
        const answer = command === 'debug' ? config : database.prepare(sql).all()
        return Promise.resolve({code: 0, stdout: JSON.stringify(answer), stderr: ''})
      }
    const models = ({lines}: {lines: unknown}) => {
      const {messages: all} = JSON.parse((lines as string[])[0]!) as Exported
      return new Set(all.map(({info: {model, ...info}}) => JSON.stringify(model ?? {providerID: info.providerID, modelID: info.modelID}))) // prettier-ignore
    }

    it('is read back as it was written, whatever was said, and its next prompt comes after all of it', async () => {
      const {id, lines} = await write('opencode', draft({model: 'p/m'}))
      const {info, messages: all} = JSON.parse((lines as string[])[0]!) as Exported
      const {created, updated} = info.time
      database.prepare('insert into session values (?, null, ?, ?, ?, ?)').run(id, '/srv', info.title, created, updated) // prettier-ignore
      for (const {info: message, parts} of all) {
        const {created} = message.time
        database.prepare('insert into message values (?, ?, ?, ?)').run(message.id, id, created, JSON.stringify(message)) // prettier-ignore
        for (const part of parts)
          database.prepare('insert into part values (?, ?, ?, ?)').run(part.id, message.id, created, JSON.stringify(part)) // prettier-ignore
      }

      assert.deepEqual(await read('opencode', id, answers({})), expected)
      const next = BigInt.asUintN(48, BigInt(Date.now()) * 4096n)
        .toString(16)
        .padStart(12, '0')
      const ids = [...all.map((one) => one.info.id), `msg_${next}`]
      assert.deepEqual(ids, [...new Set(ids)].sort())
    })

    it('goes on with the model of the turn, else with that of its settings, else with the last one', async () => {
      const used = (providerID: string, modelID: string) => new Set([JSON.stringify({providerID, modelID})])
      assert.deepEqual(models(await write('opencode', draft({model: 'p/a/m'}))), used('p', 'a/m'))
      assert.deepEqual(models(await write('opencode', draft(), answers({model: 'q/n'}))), used('q', 'n'))
      await assert.rejects(write('opencode', draft(), answers({})), /--model provider\/model/)
      for (const [time, model] of [
        [2, 'new'],
        [1, 'old'],
      ] as const) {
        const data = JSON.stringify({role: 'user', model: {providerID: 'r', modelID: model}})
        database.prepare(`insert into message values ('m', 's', ?, ?)`).run(time, data)
      }

      assert.deepEqual(models(await write('opencode', draft(), answers({}))), used('r', 'new'))
    })
  })
})

interface ClaudeLine {
  readonly uuid: string
  readonly parentUuid: string | null
  readonly message: {readonly role: string; readonly model?: string; readonly content: unknown}
}

interface Exported {
  readonly info: {title: string; time: {created: number; updated: number}}
  readonly messages: {info: {id: string; time: {created: number}} & Record<string, unknown>; parts: {id: string}[]}[] // prettier-ignore
}
