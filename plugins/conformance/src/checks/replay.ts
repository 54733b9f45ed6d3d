import {createHash} from 'node:crypto'
import type {TurnEvent} from 'clinvk-contract'
import type {Bench} from '../bench.js'
import {type Check, expectEqual, expectThat, notApplicable, type Outcome, show} from '../check.js'
import type {Fixture} from '../fixtures.js'
import {MEGABYTE} from '../hard-turns.js'
import {HOST} from '../invented.js'
import {replay, type Replayed} from '../replay.js'

/** Checks in real turns, with a fake agent that prints a fixture and misbehaves. */
export const REPLAY_CHECKS: readonly Check<Bench>[] = [
  {
    id: 'same-in-pieces',
    title: 'A fixture that comes bit by bit, cut within lines and characters, gives what it gives at once.',
    fix: 'Let no event depend on when its line comes.',
    async run(bench) {
      await inTurns(bench.fixtures, async (fixture) => {
        const whole = bench.read(fixture)
        const size = Math.max(1, Math.ceil(fixture.stdout.length / PIECES) | 1)
        const {endings, events, result} = await replay(bench, fixture, {pieces: size})
        const expected = tellable(whole.events)
        const found = tellable(events)
        if (fixture.stderr.length > 0) for (const list of [expected, found]) list.sort()
        expectEqual(found, expected, fixture.name)
        expectThat(endings === 1, `${fixture.name}: one end`, String(endings))
        const {content, outcome} = await bench.result(fixture, whole)
        expectEqual([result.outcome, result.content], [outcome, content], fixture.name)
      })
    },
  },
  {
    id: 'line-ends',
    title: 'Lines may end as they do on Windows, and the last one not at all.',
    fix: 'Let the reader take lines as clinvk gives them; it has no need of line ends.',
    run: (bench) =>
      withSuccess(bench, async (fixture) => {
        // The end of an empty last line stays: without it there is no such line.
        const text = fixture.stdout
          .toString('latin1')
          .replaceAll(/\r?\n/g, '\r\n')
          .replace(/(?<!^|\n)\r\n$/, '')
        await expectSame(bench, fixture, replay(bench, fixture, {stdout: Buffer.from(text, 'latin1')}))
      }),
  },
  {
    id: 'huge-line',
    title: 'A line of 100 MB that nobody knows is kept, and harms nothing.',
    fix: 'Parse a line once and with nothing that takes its square; return it as `unparsed`.',
    run: (bench) =>
      withSuccess(bench, async (fixture) => {
        const {events, result} = await replay(bench, fixture, {hugeLine: HUGE})
        const plain = await bench.result(fixture, bench.read(fixture))
        const largest = Math.max(
          0,
          ...events.map((event) => ('line' in event ? event.line : 'text' in event ? event.text : '').length),
        )
        expectThat(
          largest > HUGE,
          `a line of ${HUGE} characters as \`unparsed\``,
          `the largest has ${largest}`,
        )
        expectThat(result.outcome === 'success', 'success', `${result.outcome} ${result.error?.message}`)
        // To an agent that prints plain text it is a part of the answer.
        const isThere = result.content.endsWith(plain.content)
        expectThat(isThere, `the content ${show(plain.content)}`, show(result.content))
      }),
  },
  {
    id: 'exit-before-output',
    title: 'An agent that ends before it has read or said anything is a failure with a message.',
    fix: 'Let `end` return `failed` with the exit code and the end of standard error.',
    run: (bench) =>
      withSuccess(bench, async (fixture) => {
        const nothing = Buffer.alloc(0)
        for (const exit of [{code: 0}, {code: 3}]) {
          const {endings, result} = await replay(bench, fixture, {
            stdout: nothing,
            stderr: nothing,
            reads: false,
            exit,
            turn: {prompt: prompt(bench)},
          })
          expectThat(result.outcome !== 'success', `no success with ${show(exit)}`, show(result))
          expectThat(
            (result.error?.message ?? '').trim() !== '',
            `a message with ${show(exit)}`,
            show(result.error),
          )
          expectThat(endings === 1, 'one end', String(endings))
        }
      }),
  },
  {
    id: 'exit-code-after-answer',
    title: 'A strange exit code after the answer loses nothing of it.',
    fix: 'Keep content and usage in the verdict, whatever the exit code is.',
    run: (bench) =>
      withSuccess(bench, async (fixture) => {
        const plain = await bench.result(fixture, bench.read(fixture))
        const {endings, result} = await replay(bench, fixture, {exit: {code: 7}})
        for (const key of ['content', 'usage', 'backend_session_id'] as const)
          expectEqual(result[key], plain[key], key)
        expectThat(endings === 1, 'one end', String(endings))
      }),
  },
  {
    id: 'child-left-behind',
    title: 'What a left process of the agent says after the answer does not count.',
    fix: 'Take the verdict from the line that tells it, not from the last line.',
    run: (bench) =>
      withSuccess(bench, async (fixture) => {
        const noise = 'A server of the agent is still here\n'
        const {result} = await replay(bench, fixture, {child: noise})
        const plain = await bench.result(fixture, bench.read(fixture))
        expectThat(result.outcome === 'success', 'success', `${result.outcome} ${result.error?.message}`)
        expectThat(
          result.content.startsWith(plain.content),
          `the content ${show(plain.content)}`,
          show(result.content),
        )
      }),
  },
  {
    id: 'stdin-unread',
    title: 'An agent that does not read its prompt to the end may answer all the same.',
    fix: 'Let the prompt travel by `stdin`; clinvk copes with an agent that does not read it.',
    run: (bench) =>
      withSuccess(bench, (fixture) =>
        expectSame(bench, fixture, replay(bench, fixture, {reads: false, turn: {prompt: prompt(bench)}}), {
          prompt: prompt(bench),
        }),
      ),
  },
  {
    id: 'large-prompt-arrives',
    title: 'A prompt of 1 MB (or as long as the agent takes) reaches the process, every byte of it.',
    fix: 'Let the prompt travel by `stdin`.',
    run: (bench) =>
      withSuccess(bench, async (fixture) => {
        const turn = {prompt: prompt(bench)}
        const {input, result} = await replay(bench, fixture, {turn})
        const plan = bench.plan(bench.turn({...fixture.turn, ...turn}), HOST)
        const expected =
          plan.kind === 'invocation' ? createHash('sha256').update(plan.stdin).digest('hex') : ''
        expectThat(
          input?.stdin === expected,
          'standard input as planned',
          input ? 'other bytes' : `The agent did not start: ${result.error?.message}`,
        )
      }),
  },
  {
    id: 'stderr-is-no-failure',
    title: 'What the agent says on standard error besides does not make a success a failure.',
    fix: 'Look at standard error only when the agent has not succeeded.',
    run: (bench) =>
      withSuccess(bench, (fixture) => {
        const noise = '(node:1) ExperimentalWarning: something is new\nDebugger attached.\n'.repeat(2000)
        return expectSame(
          bench,
          fixture,
          replay(bench, fixture, {stderr: Buffer.concat([Buffer.from(noise), fixture.stderr])}),
        )
      }),
  },
  {
    id: 'hang-is-ended',
    title:
      'An agent that hangs and takes no notice of signals can be ended; the session that it told is kept.',
    fix: 'Return a signal that there is from `stopSignal`, and a verdict for an agent that was killed.',
    run: (bench) =>
      withSuccess(bench, async (fixture) => {
        const {stdout} = fixture
        // An agent of one line has said it when it is stopped, else it has not come to its last one.
        const half = bench.linesOf(fixture).length < 2 ? stdout : stdout.subarray(0, stdout.length - 2)
        if (half === stdout && bench.read(fixture).events.some(({type}) => type === 'finished'))
          return notApplicable('Its only line is its last word.')
        const {endings, result} = await replay(bench, fixture, {
          stdout: half,
          hangs: true,
          ignoreSignals: true,
          stopsAtOnce: true,
        })
        const plain = await bench.result(fixture, bench.read(fixture))
        expectThat(endings === 1, 'one end', String(endings))
        expectThat(result.outcome === 'cancelled', 'cancelled', `${result.outcome} ${result.error?.message}`)
        expectThat(
          result.backend_session_id === plain.backend_session_id,
          show(plain.backend_session_id),
          show(result.backend_session_id),
        )
        return undefined
      }),
  },
]

/** The shortest success is enough for what has to do with processes. */
async function withSuccess(bench: Bench, run: (fixture: Fixture) => Promise<Outcome>): Promise<Outcome> {
  const [fixture] = [...bench.successes]
    .filter(({exit, turn}) => exit.code === 0 && (turn.session?.kind ?? 'new') === 'new')
    .sort((a, b) => a.stdout.length - b.stdout.length)
  if (!fixture) return notApplicable('No fixture is a success of a new conversation.')
  return run(fixture)
}

async function expectSame(
  bench: Bench,
  fixture: Fixture,
  replayed: Promise<Replayed>,
  turn = {},
): Promise<void> {
  const {endings, result} = await replayed
  const plain = await bench.result(fixture, bench.read(fixture, {turn}))
  for (const key of ['outcome', 'content', 'backend_session_id', 'model', 'usage', 'denials'] as const)
    expectEqual(result[key], plain[key], key)
  expectThat(endings === 1, 'one end', String(endings))
}

/** What a user is told of events, each as JSON. */
function tellable(events: readonly {type: string}[]): string[] {
  let sessions = 0
  return (events as readonly TurnEvent[])
    .filter(({type}) => !OWN.has(type) && (type !== 'session' || sessions++ === 0))
    .map((event) => JSON.stringify(event))
}

/** 1 MB, or what the agent takes. */
function prompt({entry}: Bench): string {
  const {
    promptBytes = Infinity,
    promptCharacters = Infinity,
    promptUnits = Infinity,
  } = entry.descriptor.limits ?? {}
  const most = Math.min(promptBytes / 4, promptCharacters, promptUnits)
  return MEGABYTE.length <= most ? MEGABYTE : MEGABYTE.slice(0, Math.floor(most))
}

/** A few at a time: each is a process. */
async function inTurns<T>(all: readonly T[], run: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all]
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await run(next)
  }

  await Promise.all([work(), work()])
}

const PIECES = 40
const HUGE = 100 * 1024 * 1024
const OWN: ReadonlySet<string> = new Set(['state', 'finished'])
