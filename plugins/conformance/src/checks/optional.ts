import type {Conversation, Question} from 'clinvk-contract'
import type {Bench} from '../bench.js'
import {HOST, NO_ANSWER, OTHER_SESSION_ID, SESSION_ID} from '../invented.js'
import {type Check, CheckFailed, expectThat, notApplicable, show} from '../check.js'
import {decoys, homeDirectories} from '../decoys.js'
import {isForbidden} from '../guard.js'
import {memoryFiles} from '../memory-files.js'
import {isRecord} from 'clinvk-kit/format/is-record'
import {flawOfFields, flawOfProgram, flawOfVerdict} from '../shapes.js'

export const OPTIONAL_CHECKS: readonly Check<Bench>[] = [
  {
    id: 'stop-signal',
    title: 'The signal that stops the agent is SIGINT or SIGTERM.',
    fix: 'Return the one after which the agent keeps its session; leave `stopSignal` out for SIGINT.',
    run(bench) {
      const {backend} = bench
      if (!backend.stopSignal) return notApplicable('It has no `stopSignal`.')
      for (const kind of ['new', 'resume', 'ephemeral'] as const) {
        const turn = bench.turn({session: {kind, id: SESSION_ID}})
        const signal: string = bench.guard.watch('stopSignal', () => backend.stopSignal!(turn))
        expectThat(['SIGINT', 'SIGTERM'].includes(signal), 'SIGINT or SIGTERM', show(signal))
      }

      return undefined
    },
  },
  {
    id: 'settle-harmless',
    title: 'Settling a turn whose agent left no file gives a verdict, and removes nothing of others.',
    fix: 'Return the verdict as it came when there is nothing to correct.',
    async run(bench) {
      const {backend, fixtures} = bench
      if (!backend.settle) return notApplicable('It has no `settle`.')
      for (const fixture of fixtures) {
        for (const given of [{}, decoys(bench.entry.descriptor)]) {
          const {files, removed} = filesOf(bench, given)
          const {verdict} = bench.read(fixture)
          const settled = await calm('settle', bench, () =>
            backend.settle!(
              bench.turn(fixture.turn),
              verdict,
              files,
              {startedAt: new Date(), sessionId: SESSION_ID},
              NO_ANSWER,
            ),
          )
          if (settled === undefined) continue
          const flaw = flawOfVerdict(settled)
          expectThat(flaw === undefined, `${fixture.name}: a verdict`, `It ${flaw}`)
          expectThat(
            settled.outcome === verdict.outcome,
            `${fixture.name}: ${verdict.outcome}`,
            settled.outcome,
          )
          expectThat(removed.length === 0, `${fixture.name}: nothing removed`, removed.join(', '))
        }
      }

      return undefined
    },
  },
  {
    id: 'forget-harmless',
    title: 'Forgetting a conversation that the agent does not know, or an id that is none, removes nothing.',
    fix: 'Compare the id with the whole name in a file or in its content; refuse one that is no id of the agent.',
    async run(bench) {
      const {backend} = bench
      if (!backend.forget) return notApplicable('It has no `forget`.')
      for (const id of IDS) {
        const {files, removed} = filesOf(bench, decoys(bench.entry.descriptor))
        const told = await calm(`forget for the id ${show(id)}`, bench, () =>
          backend.forget!({...CONVERSATION, id}, files),
        )
        expectThat(removed.length === 0, `nothing removed for the id ${show(id)}`, removed.join(', '))
        if (told === undefined) continue
        const flaw = isRecord(told)
          ? flawOfFields({...told}, {removed: 'texts', stays: 'string?'})
          : 'is no object'
        expectThat(flaw === undefined, '`{removed, stays?}`', `It ${flaw}`)
        expectThat(
          told.removed.length === 0,
          `nothing in \`removed\` for the id ${show(id)}`,
          show(told.removed),
        )
      }

      return undefined
    },
  },
  {
    id: 'record-harmless',
    title: 'Looking up a conversation changes nothing, and finds none that the agent does not know.',
    fix: 'Return undefined when no file tells of the conversation.',
    async run(bench) {
      const {backend} = bench
      if (!backend.record) return notApplicable('It has no `record`.')
      for (const id of IDS) {
        for (const given of [{}, decoys(bench.entry.descriptor)]) {
          const {files, removed} = filesOf(bench, given)
          const told = await calm(`record for the id ${show(id)}`, bench, () =>
            backend.record!({...CONVERSATION, id}, files, NO_ANSWER),
          )
          expectThat(removed.length === 0, 'nothing removed', removed.join(', '))
          expectThat(told === undefined, `nothing for the id ${show(id)}`, show(told))
        }
      }

      return undefined
    },
  },
  {
    id: 'tidy-harmless',
    title: 'Tidying up after the interactive program removes nothing of others.',
    fix: 'Remove what belongs to this conversation alone.',
    async run(bench) {
      const {backend} = bench
      if (!backend.tidy) return notApplicable('It has no `tidy`.')
      for (const id of IDS) {
        const {files, removed} = filesOf(bench, decoys(bench.entry.descriptor))
        await calm(`tidy for the id ${show(id)}`, bench, () =>
          backend.tidy!({...CONVERSATION, id}, files, NO_ANSWER),
        )
        expectThat(removed.length === 0, `nothing removed for the id ${show(id)}`, removed.join(', '))
      }

      return undefined
    },
  },
  {
    id: 'interactive-names-session',
    title: "The agent's own interactive program is started on the conversation.",
    fix: 'Put `conversation.id` where the agent looks for it, or return a refusal.',
    run(bench) {
      const {backend} = bench
      if (!backend.interactive) return notApplicable('It has no `interactive`.')
      const wishes: {model?: string}[] = [{}, {model: 'model-of-the-user'}]
      for (const wish of wishes) {
        const program = bench.guard.watch('interactive', () => backend.interactive!(CONVERSATION, wish, HOST))
        const flaw = flawOfProgram(program)
        expectThat(flaw === undefined, 'a program or a refusal', `It ${flaw}`)
        if (program.kind === 'refusal') continue
        for (const word of [CONVERSATION.id, ...(wish.model === undefined ? [] : [wish.model])]) {
          const isThere = [...program.args, ...Object.values(program.env ?? {})].join('\n').includes(word)
          expectThat(isThere, `${word} in its arguments`, show(program.args))
        }
      }

      return undefined
    },
  },
  {
    id: 'delete-names-session',
    title: 'The command that deletes a conversation names it, and no other.',
    fix: 'Put `conversation.id` on the command line, behind `--` or where it cannot be an option.',
    run(bench) {
      const {backend} = bench
      if (!backend.deleteCommand) return notApplicable('It has no `deleteCommand`.')
      const program = bench.guard.watch('deleteCommand', () => backend.deleteCommand!(CONVERSATION))
      const flaw = flawOfProgram(program)
      expectThat(flaw === undefined, 'a program', `It ${flaw}`)
      expectThat(
        program.args.join('\n').includes(CONVERSATION.id),
        `${CONVERSATION.id} in its arguments`,
        show(program.args),
      )
      return undefined
    },
  },
  {
    id: 'probe-questions',
    title: 'The questions to the agent are such that clinvk can ask them.',
    fix: 'Give each `kind: "program"` with `args`, or `kind: "files"`, and a function `read`.',
    run(bench) {
      const {backend} = bench
      if (!backend.probe) return notApplicable('It has no `probe`.')
      const questions: unknown = bench.guard.watch('probe', () => backend.probe!(HOST))
      if (!Array.isArray(questions)) throw new CheckFailed('a list of questions', show(questions))
      for (const question of questions as Question[]) {
        expectThat(isRecord(question), 'a question', show(question))
        const flaw = question.kind === 'files' ? undefined : flawOfProgram(question)
        expectThat(flaw === undefined, 'a question', `It ${flaw}`)
        expectThat(typeof question.read === 'function', 'a function `read`', show(question))
      }

      return undefined
    },
  },
  {
    id: 'probe-reads-anything',
    title: 'Whatever the agent answers to a question, it gives findings and no error.',
    fix: 'Leave out what the answer does not tell.',
    async run(bench) {
      const {backend} = bench
      if (!backend.probe) return notApplicable('It has no `probe`.')
      const questions = bench.guard.watch('probe', () => backend.probe!(HOST))
      for (const question of questions) {
        for (const text of [
          '',
          'no',
          '{',
          'null',
          '[]',
          '{}',
          '1.2.3',
          '\u{0}\u{FFFD}',
          'x'.repeat(65_536),
        ]) {
          for (const code of [0, 1, undefined]) {
            const answer = {stdout: text, stderr: text, ...(code === undefined ? {} : {code})}
            const found = await calm(`the answer ${show(text)}`, bench, async () =>
              question.kind === 'program' ? question.read(answer) : question.read(signInFiles(bench, text)),
            )
            if (found === undefined) continue
            const flaw = isRecord(found)
              ? flawOfFields(
                  {...found},
                  {version: 'string?', signedIn: 'any', account: 'string?', detail: 'string?'},
                )
              : 'is no object'
            expectThat(flaw === undefined, `findings for the answer ${show(text)}`, `It ${flaw}`)
            const {signedIn} = found
            const isKnown = [undefined, true, false, 'unknown'].includes(signedIn)
            expectThat(isKnown, '`signedIn` true, false or "unknown"', show(signedIn))
          }
        }
      }

      return undefined
    },
  },
]

/** Calls all parts that a backend may have, and takes no notice of what comes of it. */
export async function callOptionalParts(bench: Bench): Promise<void> {
  for (const check of OPTIONAL_CHECKS) {
    try {
      await check.run(bench)
    } catch {
      // Each has a check of its own.
    }
  }
}

/** Runs a part of the backend that must not throw; undefined where the guard has stopped it. */
async function calm<T>(what: string, bench: Bench, task: () => Promise<T>): Promise<T | undefined> {
  try {
    return await bench.guard.watch(what.split(' ')[0]!, task)
  } catch (error) {
    if (isForbidden(error)) return undefined
    throw new CheckFailed(`no error of ${what}`, String(error))
  }
}

function filesOf({entry: {descriptor}}: Bench, given: Readonly<Record<string, string>>) {
  return memoryFiles(given, homeDirectories(descriptor.directories ?? []))
}

function signInFiles({entry: {descriptor}}: Bench, content: string) {
  const paths = homeDirectories(descriptor.signInFiles ?? [])
  return {
    list: () => Promise.resolve(paths),
    read: () => Promise.resolve(content),
  }
}

const CONVERSATION: Conversation = {id: OTHER_SESSION_ID, cwd: '/home/ada/project'}

/** A well-formed one of a conversation that is not there, and some that are none. */
const IDS = [
  OTHER_SESSION_ID,
  '',
  ' ',
  '.',
  '..',
  '../..',
  '../../project',
  '/',
  '/home/ada',
  '~',
  '*',
  '.*',
  '%',
  '-',
  'session',
  '.json',
  OTHER_SESSION_ID.slice(0, 8),
]
