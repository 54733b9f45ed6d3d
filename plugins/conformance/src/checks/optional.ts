import type {Backend, Conversation, Files} from 'clinvk-contract'
import {type Bench, expectValid, SCHEMA} from '../bench.js'
import {type Check, fail, isForbidden, notApplicable, show} from '../check.js'
import {HOST, NO_ANSWER, OTHER_SESSION_ID, PLAIN, SESSION_ID} from '../edge-case-turns.js'
import {homeDirectories, memoryFiles, unrelatedFiles} from '../unrelated-files.js'

/** The parts that a backend may have; each check applies only to a backend that has the part. */
export const OPTIONAL_CHECKS: readonly Check<Bench>[] = [
  optional('stopSignal', {
    id: 'stop-signal',
    title: 'The signal that stops the agent is SIGINT or SIGTERM.',
    fix: 'Return the one after which the agent keeps its session; leave `stopSignal` out for SIGINT.',
    async run(bench, stopSignal) {
      for (const kind of ['new', 'resume', 'ephemeral'] as const)
        await call(bench, 'stopSignal', () => stopSignal({...PLAIN, session: {kind, id: SESSION_ID}}))
    },
  }),
  optional('settle', {
    id: 'settle-harmless',
    title: 'Settling a turn whose agent left no file gives its verdict, and removes nothing of others.',
    fix: 'Return the verdict as it came when there is nothing to correct.',
    async run(bench, settle) {
      const run = {startedAt: new Date(), sessionId: SESSION_ID}
      for (const fixture of bench.fixtures)
        await withFiles(bench, `the fixture ${fixture.name}`, async (files) => {
          const {verdict} = bench.read(fixture)
          const turn = {...PLAIN, ...fixture.turn}
          const settled = await call(bench, 'settle', () => settle(turn, verdict, files, run, NO_ANSWER))
          if (settled.outcome !== verdict.outcome)
            fail(`${fixture.name}: ${verdict.outcome}`, settled.outcome)
        })
    },
  }),
  optional('forget', {
    id: 'forget-harmless',
    title: 'Deleting a conversation that the agent does not know, or an id that is none, removes nothing.',
    fix: 'Compare the id with the whole name in a file or in its content; refuse one that is no id of the agent.',
    run: (bench, forget) =>
      withIds(bench, async (conversation, files) => {
        const {removed} = await call(bench, 'forget', () => forget(conversation, files))
        if (removed.length > 0) fail(`nothing in \`removed\` for the id ${show(conversation.id)}`, removed)
      }),
  }),
  optional('record', {
    id: 'record-harmless',
    title: 'Looking up a conversation changes nothing, and finds none that the agent does not know.',
    fix: 'Return undefined when no file tells of the conversation.',
    run: (bench, record) =>
      withIds(bench, async (conversation, files) => {
        const found = await call(bench, 'record', () => record(conversation, files, NO_ANSWER))
        if (found !== undefined) fail(`nothing for the id ${show(conversation.id)}`, found)
      }),
  }),
  optional('tidy', {
    id: 'tidy-harmless',
    title: 'Cleaning up after the interactive program removes nothing of others.',
    fix: 'Remove only what belongs to this conversation.',
    run: (bench, tidy) =>
      withIds(bench, (conversation, files) =>
        call(bench, 'tidy', () => tidy(conversation, files, NO_ANSWER)),
      ),
  }),
  optional('interactive', {
    id: 'interactive-names-session',
    title: "The agent's own interactive program is started on the conversation.",
    fix: 'Put `conversation.id` where the agent looks for it, or return a refusal.',
    async run(bench, interactive) {
      for (const wish of WISHES) {
        const program = await call(bench, 'interactive', () => interactive(CONVERSATION, wish, HOST))
        if (program.kind === 'refusal') continue
        const text = [...program.args, ...Object.values(program.env ?? {})].join('\n')
        for (const word of [CONVERSATION.id, ...Object.values(wish)])
          if (!text.includes(word)) fail(`${word} in its arguments`, program.args)
      }
    },
  }),
  optional('deleteCommand', {
    id: 'delete-names-session',
    title: 'The command that deletes a conversation names it, and no other.',
    fix: 'Put `conversation.id` on the command line, behind `--` or where it cannot be an option.',
    async run(bench, deleteCommand) {
      const {args} = await call(bench, 'deleteCommand', () => deleteCommand(CONVERSATION))
      if (!args.join('\n').includes(CONVERSATION.id)) fail(`${CONVERSATION.id} in its arguments`, args)
    },
  }),
  optional('probe', {
    id: 'probe-questions',
    title: 'The questions to the agent are such that clinvk can ask them.',
    fix: 'Give each `kind: "program"` with `args`, or `kind: "files"`, and a function `read`.',
    run: (bench, probe) => call(bench, 'probe', () => probe(HOST)).then(() => undefined),
  }),
  optional('probe', {
    id: 'probe-reads-anything',
    title: 'Whatever the agent answers to a question, it gives findings and no error.',
    fix: 'Leave out what the answer does not tell.',
    async run(bench, probe) {
      for (const question of bench.guard.watch('probe', () => probe(HOST))) {
        for (const text of ANSWERS) {
          const files = {
            list: () => Promise.resolve(homeDirectories(bench.entry.descriptor.signInFiles)),
            read: () => Promise.resolve(text),
          }
          for (const code of [0, 1, undefined]) {
            const found = await bench.guard.watch('probe', async () =>
              question.kind === 'files'
                ? question.read(files)
                : question.read({stdout: text, stderr: text, code}),
            )
            expectValid(SCHEMA.findings, found, `findings for the answer ${show(text)}`)
          }
        }
      }
    },
  }),
]

type Parts = Required<Backend>

function optional<P extends keyof Parts>(
  part: P,
  {run, ...check}: Omit<Check<Bench>, 'run'> & {run: (bench: Bench, part: Parts[P]) => Promise<void>},
): Check<Bench> {
  return {
    ...check,
    async run(bench) {
      const member = bench.backend[part]
      if (!member) return notApplicable(`It has no \`${part}\`.`)
      await run(bench, member.bind(bench.backend) as Parts[P])
      return undefined
    },
  }
}

/** Calls a part of the backend that must not throw, and checks what it returns. */
async function call<T>(bench: Bench, part: keyof typeof SCHEMA.answers, task: () => T): Promise<Awaited<T>> {
  let answer: Awaited<T>
  try {
    answer = await bench.guard.watch(part, task)
  } catch (error) {
    if (isForbidden(error)) throw error
    return fail(`no error of ${part}`, String(error))
  }

  expectValid(SCHEMA.answers[part], answer, `an answer of ${part}`)
  return answer
}

/** Runs a task without files, and with files of other conversations, which must stay. */
async function withFiles(
  bench: Bench,
  what: string,
  task: (files: Files) => Promise<unknown>,
): Promise<void> {
  const {directories = []} = bench.entry.descriptor
  for (const given of [{}, unrelatedFiles(directories)]) {
    const {files, removed} = memoryFiles(homeDirectories(directories), given)
    await task(files)
    if (removed.length > 0) fail(`nothing removed for ${what}`, removed.join(', '))
  }
}

async function withIds(
  bench: Bench,
  task: (conversation: Conversation, files: Files) => Promise<unknown>,
): Promise<void> {
  for (const id of IDS)
    await withFiles(bench, `the id ${show(id)}`, (files) => task({...CONVERSATION, id}, files))
}

const WISHES: readonly Record<string, string>[] = [{}, {model: 'model-of-the-user'}]
const CONVERSATION: Conversation = {id: OTHER_SESSION_ID, cwd: '/home/ada/project'}
/** An id of a conversation that does not exist, and texts that are no ids. */
const IDS = [
  OTHER_SESSION_ID, '', ' ', '.', '..', '../..', '../../project', '/', '/home/ada', '~', '*', '.*', '%', '-', 'session',
  '.json', OTHER_SESSION_ID.slice(0, 8),
] // prettier-ignore
const ANSWERS = ['', 'no', '{', 'null', '[]', '{}', '1.2.3', '\u{0}\u{FFFD}', 'x'.repeat(65_536)]
