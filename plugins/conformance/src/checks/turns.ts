import {createHash} from 'node:crypto'
import {type Bench, invocationOf} from '../bench.js'
import {type Check, expectEqual, fail, notApplicable, type Outcome, show} from '../check.js'
import {MEGABYTE} from '../edge-case-turns.js'
import type {Fixture} from '../fixtures.js'
import type {ReplayOptions, TurnBench} from '../turn-bench.js'

/** Real turns, with a fake agent that prints a fixture and misbehaves. */
export const TURN_CHECKS: readonly Check<TurnBench>[] = [
  {
    id: 'same-in-pieces',
    title: 'A fixture that comes in pieces, cut within lines and characters, gives what it gives at once.',
    fix: 'Let no event depend on when its line comes.',
    async run(bench) {
      const waiting = [...bench.fixtures]
      const work = async () => {
        for (let fixture = waiting.shift(); fixture; fixture = waiting.shift()) await inPieces(bench, fixture)
      }

      await Promise.all([work(), work()])
    },
  },
  staysSame({
    id: 'line-ends',
    title: 'Lines may end as they do on Windows, and the last one may have no end.',
    fix: 'Let the reader take lines as clinvk gives them; it has no need of line ends.',
    disturbance({stdout}) {
      const text = stdout.toString('latin1').replaceAll(/\r?\n/g, '\r\n')
      // An empty last line keeps its end: without it there is no such line.
      return {stdout: Buffer.from(text.replace(/(?<!^|\n)\r\n$/, ''), 'latin1')}
    },
  }),
  staysSame({
    id: 'stdin-unread',
    title: 'An agent that does not read its whole prompt may still answer.',
    fix: 'Pass the prompt on by `stdin`; clinvk copes with an agent that does not read it.',
    disturbance: (_fixture, bench) => ({reads: false, turn: {prompt: largePrompt(bench)}}),
  }),
  staysSame({
    id: 'stderr-is-no-failure',
    title: 'What the agent prints on standard error besides does not make a success a failure.',
    fix: 'Look at standard error only when the agent has not succeeded.',
    disturbance: ({stderr}) => ({stderr: Buffer.concat([NOISE, stderr])}),
  }),
  onSuccess({
    id: 'huge-line',
    title: 'An unknown line of 100 MB is kept, and harms nothing.',
    fix: 'Parse a line once, in linear time; return it as `unparsed`.',
    async run(bench, fixture) {
      const {events, result} = await bench.replay(fixture, {hugeLine: HUGE_BYTES})
      const lengths = events.map(
        (event) => ('line' in event ? event.line : 'text' in event ? event.text : '').length,
      )
      const longest = Math.max(0, ...lengths)
      if (longest <= HUGE_BYTES)
        fail(`a line of ${HUGE_BYTES} characters as \`unparsed\``, `the longest has ${longest}`)
      const {content} = await bench.result(fixture)
      expectSuccess(result)
      // To an agent that prints plain text it is a part of the answer.
      if (!result.content.endsWith(content)) fail(`the content ${show(content)}`, show(result.content))
    },
  }),
  onSuccess({
    id: 'exit-before-output',
    title: 'An agent that ends before it has read or printed anything is a failure with a message.',
    fix: 'Let `end` return `failed` with the exit code and the end of standard error.',
    async run(bench, fixture) {
      const nothing = Buffer.alloc(0)
      for (const exit of [{code: 0}, {code: 3}]) {
        const turn = {prompt: largePrompt(bench)}
        const {endings, result} = await bench.replay(fixture, {
          stdout: nothing,
          stderr: nothing,
          reads: false,
          exit,
          turn,
        })
        if (result.outcome === 'success') fail(`no success with ${show(exit)}`, result)
        if ((result.error?.message ?? '').trim() === '')
          fail(`a message with ${show(exit)}`, show(result.error))
        expectEqual(endings, 1, 'ends of the turn')
      }
    },
  }),
  onSuccess({
    id: 'exit-code-after-answer',
    title: 'A strange exit code after the answer loses nothing of it.',
    fix: 'Keep content and usage in the verdict, whatever the exit code is.',
    async run(bench, fixture) {
      const plain = await bench.result(fixture)
      const {endings, result} = await bench.replay(fixture, {exit: {code: 7}})
      for (const key of ['content', 'usage', 'backend_session_id'] as const)
        expectEqual(result[key], plain[key], key)
      expectEqual(endings, 1, 'ends of the turn')
    },
  }),
  onSuccess({
    id: 'child-left-behind',
    title: 'What a process that the agent left running prints after the answer does not count.',
    fix: 'Take the verdict from the line that tells it, not from the last line.',
    async run(bench, fixture) {
      const {result} = await bench.replay(fixture, {child: 'A server of the agent is still here\n'})
      const {content} = await bench.result(fixture)
      expectSuccess(result)
      if (!result.content.startsWith(content)) fail(`the content ${show(content)}`, show(result.content))
    },
  }),
  onSuccess({
    id: 'large-prompt-arrives',
    title: 'A prompt of 1 MB (or as long as the agent takes) reaches the process, every byte of it.',
    fix: 'Pass the prompt on by `stdin`.',
    async run(bench, fixture) {
      const turn = {prompt: largePrompt(bench)}
      const {input, result} = await bench.replay(fixture, {turn})
      const {stdin} = invocationOf(bench.plan({...fixture.turn, ...turn}))
      if (input !== createHash('sha256').update(stdin).digest('hex'))
        fail(
          'standard input as planned',
          input ? 'other bytes' : `The agent did not start: ${result.error?.message}`,
        )
    },
  }),
  onSuccess({
    id: 'hang-is-ended',
    title: 'An agent that hangs and ignores signals can be ended; the session that it told is kept.',
    fix: 'Return a signal that exists from `stopSignal`, and a verdict for an agent that was killed.',
    async run(bench, fixture) {
      // All but the last line. An agent of one line prints it before it is stopped.
      const isShort = bench.linesOf(fixture).length < 2
      const stdout = isShort ? fixture.stdout : fixture.stdout.subarray(0, -2)
      if (isShort && bench.read(fixture).events.some(({type}) => type === 'finished'))
        return notApplicable('It prints only one line.')
      const hanging = {stdout, hangs: true, ignoreSignals: true, stopsAtOnce: true}
      const {endings, result} = await bench.replay(fixture, hanging)
      expectEqual(endings, 1, 'ends of the turn')
      if (result.outcome !== 'cancelled') fail('cancelled', `${result.outcome} ${result.error?.message}`)
      const plain = await bench.result(fixture)
      expectEqual(result.backend_session_id, plain.backend_session_id, 'the session id')
      return undefined
    },
  }),
]

interface CheckOnSuccess extends Omit<Check<TurnBench>, 'run'> {
  readonly run: (bench: TurnBench, fixture: Fixture) => Promise<Outcome>
}

/** A check with the shortest success: that is enough for what has to do with processes. */
function onSuccess({run, ...check}: CheckOnSuccess): Check<TurnBench> {
  return {
    ...check,
    run(bench) {
      const [fixture] = bench.successes
        .filter(({exit, turn}) => exit.code === 0 && (turn.session?.kind ?? 'new') === 'new')
        .sort((a, b) => a.stdout.length - b.stdout.length)
      return fixture ? run(bench, fixture) : notApplicable('No fixture is a success of a new conversation.')
    },
  }
}

/** A check that a disturbed turn ends as an undisturbed one. */
function staysSame({
  disturbance,
  ...check
}: Omit<Check<TurnBench>, 'run'> & {
  disturbance: (fixture: Fixture, bench: Bench) => ReplayOptions
}): Check<TurnBench> {
  return onSuccess({
    ...check,
    async run(bench, fixture) {
      const options = disturbance(fixture, bench)
      const {endings, result} = await bench.replay(fixture, options)
      const plain = await bench.result(fixture, bench.read(fixture, {turn: options.turn}))
      for (const key of ['outcome', 'content', 'backend_session_id', 'model', 'usage', 'denials'] as const)
        expectEqual(result[key], plain[key], key)
      expectEqual(endings, 1, 'ends of the turn')
    },
  })
}

async function inPieces(bench: TurnBench, fixture: Fixture): Promise<void> {
  const reading = bench.read(fixture)
  const pieces = Math.max(1, Math.ceil(fixture.stdout.length / PIECES) | 1)
  const {endings, events, result} = await bench.replay(fixture, {pieces})
  const [expected, found] = [visible(reading.events), visible(events)]
  // The two streams may come in any order.
  if (fixture.stderr.length > 0) for (const list of [expected, found]) list.sort()
  expectEqual(found, expected, fixture.name)
  expectEqual(endings, 1, `${fixture.name}: ends of the turn`)
  const {content, outcome} = await bench.result(fixture, reading)
  expectEqual([result.outcome, result.content], [outcome, content], fixture.name)
}

/** The events that a user sees, each as JSON; the session comes once. */
function visible(events: readonly {type: string}[]): string[] {
  const first = events.find(({type}) => type === 'session')
  return events
    .filter(
      (event) => !['state', 'finished'].includes(event.type) && (event.type !== 'session' || event === first),
    )
    .map((event) => JSON.stringify(event))
}

function expectSuccess({error, outcome}: {outcome: string; error?: {message: string}}): void {
  if (outcome !== 'success') fail('success', `${outcome} ${error?.message}`)
}

/** 1 MB, or what the agent takes. */
function largePrompt({entry}: Bench): string {
  const {
    promptBytes = Infinity,
    promptCharacters = Infinity,
    promptUnits = Infinity,
  } = entry.descriptor.limits ?? {}
  return MEGABYTE.slice(
    0,
    Math.floor(Math.min(promptBytes / 4, promptCharacters, promptUnits, MEGABYTE.length)),
  )
}

const PIECES = 40
const HUGE_BYTES = 100 * 1024 * 1024
const NOISE = Buffer.from('(node:1) ExperimentalWarning: something is new\nDebugger attached.\n'.repeat(2000))
