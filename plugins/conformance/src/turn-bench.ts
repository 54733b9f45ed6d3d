import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {Turn} from 'clinvk-contract'
import type {BackendEntry} from 'clinvk-kit/backends/discover'
import {processTable} from 'clinvk-kit/process/process-tree'
import type {AgentScript} from './agent/fake-agent.js'
import {Bench, invocationOf} from './bench.js'
import {fail} from './check.js'
import {HOST, PLAIN} from './edge-case-turns.js'
import type {Fixture} from './fixtures.js'
import {type PlayedTurn, playTurn} from './play-turn.js'

export interface Replayed extends PlayedTurn {
  /** SHA-256 of what the agent read from standard input. */
  readonly input?: string
}

export interface ReplayOptions extends Partial<Omit<AgentScript, 'stdout' | 'stderr' | 'inputFile'>> {
  readonly turn?: Partial<Turn>
  readonly stdout?: Buffer
  readonly stderr?: Buffer
  /** Stops the turn at its first event, as Ctrl-C does. */
  readonly stopsAtOnce?: boolean
}

/** A backend whose fixtures a fake agent replays in real turns: a process, its pipes and signals. */
export class TurnBench extends Bench {
  /** `home`: an empty directory. `stop` cancels what runs. */
  constructor(
    entry: BackendEntry,
    fixtures: readonly Fixture[],
    readonly home: string,
    readonly stop: AbortSignal,
  ) {
    super(entry, fixtures)
  }

  async replay(fixture: Fixture, options: ReplayOptions = {}): Promise<Replayed> {
    const {stderr = fixture.stderr, stdout = fixture.stdout, stopsAtOnce, turn: part, ...rest} = options
    const directory = await mkdtemp(join(this.home, 'turn-'))
    const [path, inputFile] = [join(directory, 'script.json'), join(directory, 'input')]
    try {
      const output = {stdout: stdout.toString('base64'), stderr: stderr.toString('base64')}
      const script: AgentScript = {reads: true, exit: fixture.exit, inputFile, ...rest, ...output}
      await writeFile(path, JSON.stringify(script))
      const turn = {...PLAIN, ...fixture.turn, ...part, cwd: directory, addDirs: []}
      const env = {PATH: process.env.PATH, HOME: this.home, TMPDIR: this.home, [MARK]: directory}
      const host = {...HOST, platform: process.platform, env, scratch: join(directory, 'scratch')}
      const played = await playTurn({
        entry: this.entry,
        backend: this.backend,
        turn,
        invocation: invocationOf(this.plan(turn, host)),
        executable: {file: process.execPath, leading: [FAKE_AGENT, path]},
        env,
        timeout: TURN_TIMEOUT_MS,
        stop: this.stop,
        onEvent: (_event, end) => stopsAtOnce && end(),
      })
      if (this.stop.aborted) fail('a turn to its end', 'It was cancelled.')
      return {...played, input: await readFile(inputFile, 'utf8').catch(() => undefined)}
    } finally {
      if (options.child !== undefined) killMarked(directory)
      await rm(directory, {recursive: true, force: true, maxRetries: 3})
    }
  }
}

/** Ends what the fake agent left running on purpose. */
function killMarked(directory: string): void {
  for (const {marked, pid} of processTable(`${MARK}=${directory}`)) {
    if (!marked || pid === process.pid) continue
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended.
    }
  }
}

const FAKE_AGENT = fileURLToPath(new URL('agent/fake-agent.js', import.meta.url))
const MARK = 'CLINVK_CONFORMANCE_TURN'
const TURN_TIMEOUT_MS = 60_000
