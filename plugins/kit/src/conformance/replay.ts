import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {BackendEvent, Turn, TurnEvent} from '../contract.js'
import {processTable} from '../process/process-table.js'
import {DEFAULTS} from '../settings/settings.js'
import type {Interrupts} from '../turn/interrupts.js'
import type {TurnResult} from '../turn/result.js'
import {runTurn} from '../turn/run-turn.js'
import type {AgentScript} from './agent/script.js'
import {type Bench, invocationOf} from './bench.js'
import {HOST} from './invented.js'
import {CheckFailed} from './check.js'
import type {Fixture} from './fixtures.js'

export interface Replayed {
  readonly result: TurnResult
  readonly events: readonly TurnEvent[]
  /** How often the turn was said to be over: once. */
  readonly endings: number
  readonly notices: readonly string[]
  /** Digests of what the agent was given, where it was asked to read. */
  readonly input?: {readonly stdin: string; readonly args: string}
}

export interface ReplayOptions extends Partial<Omit<AgentScript, 'stdout' | 'stderr' | 'tellInput'>> {
  readonly turn?: Partial<Turn>
  readonly stdout?: Buffer
  readonly stderr?: Buffer
  /** Stops the turn at this event, as Ctrl-C does. */
  stopAt?(event: BackendEvent): boolean
}

/** Lets the fake agent play a fixture in a real turn: a process, its pipes and signals, and clinvk's own machinery. */
export async function replay(bench: Bench, fixture: Fixture, options: ReplayOptions = {}): Promise<Replayed> {
  const directory = await mkdtemp(join(bench.home, 'turn-'))
  const stop = new AbortController()
  const hurry = new AbortController()
  const end = () => {
    stop.abort('SIGTERM')
    hurry.abort('SIGTERM')
  }

  bench.stop.addEventListener('abort', end, {once: true})
  try {
    const {stderr = fixture.stderr, stdout = fixture.stdout, stopAt, turn: part, ...script} = options
    const path = join(directory, 'script.json')
    const tellInput = join(directory, 'input.json')
    const whole: AgentScript = {
      reads: true,
      exit: fixture.exit,
      tellInput,
      ...script,
      stdout: stdout.toString('base64'),
      stderr: stderr.toString('base64'),
    }
    await writeFile(path, JSON.stringify(whole))
    const turn = bench.turn({...fixture.turn, ...part, cwd: directory, addDirs: []})
    const env = {...process.env, HOME: bench.home, [TURN_MARK]: directory}
    const invocation = invocationOf(
      bench.plan(turn, {...HOST, platform: process.platform, env, scratch: join(directory, 'scratch')}),
      'The turn of a fixture',
    )
    const seen: {events: TurnEvent[]; notices: string[]; endings: number} = {
      events: [],
      notices: [],
      endings: 0,
    }
    const interrupts: Interrupts = {stop: stop.signal, hurry: hurry.signal}
    const result = await runTurn(
      {
        turn,
        entry: bench.entry,
        backend: bench.backend,
        invocation,
        executable: {file: process.execPath, leading: [FAKE_AGENT, path]},
        notices: [],
        verbose: false,
        timeout: LONGEST_TURN_MS,
      },
      {
        cwd: directory,
        env,
        hooks: {
          session: () => Promise.resolve(undefined),
          guard: () => Promise.resolve(undefined),
          tell: () => Promise.resolve(),
        },
        output: {
          needsContent: true,
          start: () => undefined,
          event(event: TurnEvent) {
            seen.events.push(event)
            if (stopAt?.(event)) stop.abort('SIGINT')
          },
          notice: (message: string) => void seen.notices.push(message),
          done: () => void seen.endings++,
        },
        settings: DEFAULTS,
        settingsIn: () => Promise.resolve(DEFAULTS),
        backends: new Map(),
      },
      interrupts,
    )
    if (bench.stop.aborted) throw new CheckFailed('a turn to its end', 'It was cancelled.')
    const input = await readFile(tellInput, 'utf8').then(
      (text) => JSON.parse(text) as NonNullable<Replayed['input']>,
      () => undefined,
    )
    return {result, ...seen, ...(input === undefined ? {} : {input})}
  } finally {
    bench.stop.removeEventListener('abort', end)
    if (options.child !== undefined) endLeftOver(directory)
    await rm(directory, {recursive: true, force: true, maxRetries: 3})
  }
}

/** Ends what the fake agent has left behind on purpose. */
function endLeftOver(directory: string): void {
  for (const {marked, pid} of processTable(`${TURN_MARK}=${directory}`)) {
    if (!marked || pid === process.pid) continue
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended.
    }
  }
}

const FAKE_AGENT = fileURLToPath(new URL('agent/fake-agent.js', import.meta.url))
const TURN_MARK = 'CLINVK_CONFORMANCE_TURN'
const LONGEST_TURN_MS = 30_000
