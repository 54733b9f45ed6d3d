import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {Turn} from 'clinvk-contract'
import {processTable} from 'clinvk-kit/process/process-table'
import type {AgentScript} from './agent/script.js'
import {type Bench, invocationOf} from './bench.js'
import {HOST} from './invented.js'
import {type PlayedTurn, playTurn} from './play-turn.js'
import {CheckFailed} from './check.js'
import type {Fixture} from './fixtures.js'

export interface Replayed extends PlayedTurn {
  /** Digests of what the agent was given. */
  readonly input?: {readonly stdin: string; readonly args: string}
}

export interface ReplayOptions extends Partial<Omit<AgentScript, 'stdout' | 'stderr' | 'tellInput'>> {
  readonly turn?: Partial<Turn>
  readonly stdout?: Buffer
  readonly stderr?: Buffer
  /** Stops the turn at its first event, as Ctrl-C does. */
  readonly stopsAtOnce?: boolean
}

/** Lets the fake agent play a fixture in a real turn: a process, its pipes and signals, and clinvk's own machinery. */
export async function replay(bench: Bench, fixture: Fixture, options: ReplayOptions = {}): Promise<Replayed> {
  const directory = await mkdtemp(join(bench.home, 'turn-'))
  try {
    const {stderr = fixture.stderr, stdout = fixture.stdout, stopsAtOnce, turn: part, ...rest} = options
    const path = join(directory, 'script.json')
    const tellInput = join(directory, 'input.json')
    const script: AgentScript = {
      reads: true,
      exit: fixture.exit,
      tellInput,
      ...rest,
      stdout: stdout.toString('base64'),
      stderr: stderr.toString('base64'),
    }
    await writeFile(path, JSON.stringify(script))
    const turn = bench.turn({...fixture.turn, ...part, cwd: directory, addDirs: []})
    const env = {...process.env, HOME: bench.home, [TURN_MARK]: directory}
    const host = {...HOST, platform: process.platform, env, scratch: join(directory, 'scratch')}
    const played = await playTurn({
      entry: bench.entry,
      backend: bench.backend,
      turn,
      invocation: invocationOf(bench.plan(turn, host), 'The turn of a fixture'),
      executable: {file: process.execPath, leading: [FAKE_AGENT, path]},
      env,
      timeout: LONGEST_TURN_MS,
      stop: bench.stop,
      onEvent: (_event, end) => stopsAtOnce && end(),
    })
    if (bench.stop.aborted) throw new CheckFailed('a turn to its end', 'It was cancelled.')
    const input = await readFile(tellInput, 'utf8').then(
      (text) => JSON.parse(text) as NonNullable<Replayed['input']>,
      () => undefined,
    )
    return {...played, ...(input === undefined ? {} : {input})}
  } finally {
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
