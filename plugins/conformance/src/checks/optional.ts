import type {Backend, Conversation, ConversationDraft, Files} from 'clinvk-contract'
import type {History, NewRecord, RecordedConversation, TranscriptEntry} from 'clinvk-contract'
import type {Schema} from 'clinvk-contract/schema'
import {type Bench, expectValid, SCHEMA} from '../bench.js'
import {type Check, fail, show, skip, within} from '../check.js'
import {homeDirectories, memoryFiles, UNRELATED} from '../memory-files.js'
import {HOST, NO_ANSWER, OTHER_SESSION_ID, PLAIN, SESSION_ID} from '../turns.js'

/** The parts that a backend may have; each check applies only to a backend that has the part. */
export const OPTIONAL_CHECKS: readonly Check<Bench>[] = [
  {
    id: 'turn-end-harmless',
    needs: 'reader',
    title:
      'The agent is stopped by SIGINT or SIGTERM; settling a turn whose agent left no file gives its result and removes nothing.',
    fix: 'Return from `stopSignal` the signal after which the agent keeps its session, and from `settle` the result as it came when there is nothing to correct.',
    run: (bench) =>
      withParts(bench, ['stopSignal', 'settle'], async ({settle, stopSignal}) => {
        for (const kind of ['new', 'resume', 'ephemeral'] as const)
          if (stopSignal)
            await call('stopSignal', () => stopSignal({...PLAIN, session: {kind, id: SESSION_ID}}))
        const run = {startedAt: new Date(), sessionId: SESSION_ID}
        for (const fixture of settle ? bench.fixtures : [])
          await withFiles(bench, `the fixture ${fixture.name}`, async (files) => {
            const {verdict} = bench.read(fixture)
            const turn = {...PLAIN, ...fixture.turn}
            const {outcome} = await call('settle', () => settle!(turn, verdict, files, run, NO_ANSWER))
            if (outcome !== verdict.outcome) fail(`${fixture.name}: ${verdict.outcome}`, outcome)
          })
      }),
  },
  {
    id: 'unknown-conversation-harmless',
    title:
      'For a conversation that the agent does not know, or an id that is none, nothing is found, copied or removed.',
    fix: 'Compare the id with the whole name in a file or in its content; refuse one that is no id of the agent. `record` returns undefined, `move` false where the agent keeps records, `forget` an empty `removed`; `tidy` removes only what belongs to the conversation.',
    run: (bench) =>
      withParts(bench, ['record', 'move', 'forget', 'tidy'], async ({forget, move, record, tidy}) => {
        for (const id of IDS) {
          const conversation = {...CONVERSATION, id}
          await withFiles(bench, `the id ${show(id)}`, async (files) => {
            const found = record && (await call('record', () => record(conversation, files, NO_ANSWER)))
            if (found) fail(`nothing of \`record\` for the id ${show(id)}`, found)
            if (move) await call('move', () => move(conversation, '/home/ada/renamed', files, NO_ANSWER))
            const forgotten = forget && (await call('forget', () => forget(conversation, files)))
            if (forgotten && forgotten.removed.length > 0)
              fail(`nothing in \`removed\` for the id ${show(id)}`, forgotten.removed)
            if (tidy) await call('tidy', () => tidy(conversation, files, NO_ANSWER))
          })
        }
      }),
  },
  {
    id: 'history-harmless',
    title:
      'Its `history` finds nothing by an id that is none; whatever the files hold, it tells valid entries, each once, without an error.',
    fix: 'Compare the whole id. Skip lines that are torn, and fields of another type; give each message an id of its own, and the same time and id at every reading.',
    async run(bench) {
      const {history} = bench.backend
      if (!history) skip('It has no `history`.')
      for (const id of IDS)
        await withFiles(bench, `the id ${show(id)}`, async (files) => {
          const only = {...CONVERSATION, id}
          const found = await tell('conversations', () => history.conversations(files, NO_ANSWER, only))
          if (found.length > 0) fail(`no conversation for the id ${show(id)}`, found)
        })
      for (const text of DAMAGE) await withFiles(bench, show(text), (files) => readAll(history, files), text)
    },
  },
  {
    id: 'history-written-read-back',
    title:
      'What `history.write` and `history.copy` give lies in the declared directories, in lines, and is read back as it was said.',
    fix: 'Make the path of `files.directories` and the id, and each line with `JSON.stringify`. Where a text must be changed so that the agent takes it for one, change it back in `transcript`.',
    async run(bench) {
      const {history} = bench.backend
      if (!history?.write) skip('It has no `history.write`.')
      const directories = homeDirectories(bench.descriptor.directories)
      const {files} = memoryFiles(directories)
      const record = await tell('write', () => history.write!(DRAFT, files, NO_ANSWER))
      if (record.path === undefined) skip('A program of the agent reads what it writes.')
      const found = await readBack('write', record, bench)
      if (!history.copy) return
      const {conversation, files: written} = found
      const copy = await tell('copy', () => history.copy!(conversation, OTHER_SESSION_ID, written))
      await readBack('copy', copy, bench)
    },
  },
  {
    id: 'programs-name-session',
    title:
      "The agent's own interactive program, and the command that deletes a conversation, name the conversation.",
    fix: 'Put `conversation.id` where the agent looks for it and cannot take it for an option, or return a refusal.',
    run: (bench) =>
      withParts(bench, ['interactive', 'deleteCommand'], async ({deleteCommand, interactive}) => {
        for (const wish of interactive ? WISHES : []) {
          const program = await call('interactive', () => interactive!(CONVERSATION, wish, HOST))
          if (program.kind === 'refusal') continue
          const text = [...program.args, ...Object.values(program.env ?? {})].join('\n')
          for (const word of [CONVERSATION.id, ...Object.values(wish)])
            if (!text.includes(word)) fail(`${word} in the arguments of \`interactive\``, program.args)
        }

        const command = deleteCommand && (await call('deleteCommand', () => deleteCommand(CONVERSATION)))
        if (command && !command.args.join('\n').includes(CONVERSATION.id))
          fail(`${CONVERSATION.id} in the arguments of \`deleteCommand\``, command.args)
      }),
  },
  {
    id: 'probe-reads-anything',
    title: 'Its questions can be asked, and whatever the agent answers, it gives findings and no error.',
    fix: 'Give each `kind: "program"` with `args`, or `kind: "files"`, and a function `read`; leave out what the answer does not say.',
    run: (bench) =>
      withParts(bench, ['probe'], async ({probe}) => {
        for (const question of await call('probe', () => probe!(HOST)))
          for (const text of ANSWERS)
            for (const code of [0, 1, undefined]) {
              const files = {
                list: () => Promise.resolve(homeDirectories(bench.descriptor.signInFiles)),
                read: () => Promise.resolve(text),
              }
              const found = await (question.kind === 'files'
                ? question.read(files)
                : question.read({stdout: text, stderr: text, code}))
              expectValid(SCHEMA.findings, found, `findings for the answer ${show(text)}`)
            }
      }),
  },
]

/** Reads all conversations that files hold. */
async function readAll(history: History, files: Files): Promise<void> {
  const found = await tell('conversations', () => history.conversations(files, NO_ANSWER))
  expectApart(found)
  for (const conversation of found) {
    const entries = await entriesOf(history, conversation, files)
    expectApart(entries.flatMap((entry) => ('role' in entry ? entry : [])))
    if (history.subAgents) await tell('subAgents', () => history.subAgents!(conversation, files))
    if (history.deletedAt) await tell('deletedAt', () => history.deletedAt!(conversation, files))
  }
}

function entriesOf(history: History, conversation: RecordedConversation, files: Files) {
  return within('`history.transcript`', async () => {
    const entries: TranscriptEntry[] = []
    for await (const entry of history.transcript(conversation, files, NO_ANSWER)) {
      expectValid(SCHEMA.history.transcript, entry, 'an entry')
      entries.push(entry)
    }

    return entries
  })
}

/** Reads a record that does not exist yet as if it were there. */
async function readBack(
  part: 'write' | 'copy',
  record: NewRecord,
  {backend, descriptor}: Bench,
): Promise<{conversation: RecordedConversation; files: Files}> {
  const {id, path = '', state} = record
  const history = backend.history!
  const directories = homeDirectories(descriptor.directories)
  if (!directories.some((place) => path.startsWith(`${place}/`))) fail('a path in a declared directory', path)
  const lines: string[] = []
  for await (const line of record.lines) lines.push(line)
  const broken = lines.find((line) => line.includes('\n'))
  if (broken !== undefined) fail('lines without a line break', show(broken))
  const {files} = memoryFiles(directories, {[path]: lines.join('\n')})
  const only = {...CONVERSATION, id, state}
  const all = await tell('conversations', () => history.conversations(files, NO_ANSWER, only))
  const conversation = all.find((one) => one.id === id)
  if (!conversation) return fail(`the conversation ${id} of \`${part}\` among the conversations`, all)
  const said = (await entriesOf(history, conversation, files)).flatMap((entry) =>
    entry.type === 'text' ? `${entry.role}: ${entry.text.trim()}` : [],
  )
  for (const [index, {role, text}] of DRAFT.messages.entries())
    if (said[index] !== `${role}: ${text.trim()}`)
      fail(`${role}: ${show(text)}, of \`${part}\``, said[index] ?? 'nothing')
  if (said.length > DRAFT.messages.length) fail(`no more messages, of \`${part}\``, said.at(-1))
  return {conversation, files}
}

function expectApart(values: readonly {readonly id: string}[]): void {
  const ids = values.map(({id}) => id)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined) fail('an id of its own for each', `${twice}, twice`)
}

/** Runs a check with those of the parts that the backend has. */
async function withParts<P extends keyof Backend>(
  {backend}: Bench,
  names: readonly P[],
  run: (parts: Partial<Pick<Backend, P>>) => Promise<void>,
): Promise<void> {
  const found = names.filter((name) => backend[name])
  if (found.length === 0) skip(`It has no ${names.map((name) => `\`${name}\``).join(', ')}.`)
  const parts = found.map((name) => [name, (backend[name] as () => unknown).bind(backend)])
  await run(Object.fromEntries(parts) as Partial<Pick<Backend, P>>)
}

/** Calls a part of the backend, and checks what it gives. */
function call<T>(part: keyof typeof SCHEMA.answers, task: () => T) {
  return valid(`\`${part}\``, SCHEMA.answers[part], task)
}

/** The same for a part of `history`. */
function tell<T>(part: keyof typeof SCHEMA.history, task: () => T) {
  return valid(`\`history.${part}\``, SCHEMA.history[part], task)
}

function valid<T>(part: string, schema: Schema<unknown>, task: () => T): Promise<Awaited<T>> {
  return within(part, async () => {
    const answer = await task()
    expectValid(schema, answer, 'an answer')
    return answer
  })
}

/** Runs a task without files, and with files of other conversations, which must stay; at the end of each stands `end`. */
async function withFiles(
  bench: Bench,
  what: string,
  task: (files: Files) => Promise<unknown>,
  end = '',
): Promise<void> {
  const unrelated = Object.entries(UNRELATED).map(([name, text]) => [name, text + end])
  for (const contents of [{}, Object.fromEntries(unrelated)] as Record<string, string>[]) {
    const {changed, files} = memoryFiles(homeDirectories(bench.descriptor.directories), contents)
    await task(files)
    if (changed.length > 0) fail(`nothing copied or removed for ${what}`, changed.join(', '))
  }
}

const WISHES: readonly Record<string, string>[] = [{}, {model: 'model-of-the-user'}]
const CONVERSATION: Conversation = {id: OTHER_SESSION_ID, cwd: '/home/ada/project'}
const DRAFT: ConversationDraft = {
  id: SESSION_ID,
  cwd: CONVERSATION.cwd,
  title: 'A title',
  model: 'provider/model',
  messages: ['/help me', '?', '<x>', '[x]', '- a\n\n- b', ' é 👩‍👩‍👧 \u0001\u2028"\\ ', '{"type":"user"}', 'x'.repeat(1_000_000)].flatMap(
    (text, index) => {
      const at = new Date(Date.UTC(2026, 0, 1, 10, index)).toISOString()
      return [{role: 'user', text, at}, {role: 'assistant', text, at}] as const
    },
  ),
} // prettier-ignore
/** An id of a conversation that does not exist, and texts that are no ids. */
const IDS = [
  OTHER_SESSION_ID, '', ' ', '.', '..', '../..', '../../project', '/', '/home/ada', '~', '*', '.*', '%', '-', 'session',
  '.json', OTHER_SESSION_ID.slice(0, 8),
] // prettier-ignore
/** What may stand in a record: torn, binary, of other types, the same again, and nested deeper than a stack. */
const DAMAGE = [
  '{"type":"user","me', '\u{0}\u{FFFD}\n', 'null\n[]\n5\n"x"\n\n', UNRELATED['history.jsonl']!.repeat(2),
  '{"type":{},"id":5,"uuid":[],"timestamp":"never","message":5,"content":{},"payload":null,"$set":[]}\n',
  '{"__proto__":{"type":"user"},"constructor":null,"message":{"__proto__":null}}\n', `${'['.repeat(50_000)}\n`,
] // prettier-ignore
const ANSWERS = ['', 'no', '{', 'null', '[]', '{}', '1.2.3', '\u{0}\u{FFFD}', 'x'.repeat(65_536)]
