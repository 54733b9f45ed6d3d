import {randomUUID} from 'node:crypto'
import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Backend, Host, Json, Turn, TurnEvent} from 'clinvk-contract'
import type {BackendEntry} from 'clinvk-kit/backends/discover'
import type {Executable} from 'clinvk-kit/backends/find-executable'
import {processTable} from 'clinvk-kit/process/process-tree'
import {DEFAULTS} from 'clinvk-kit/settings/settings'
import {refusalByDescriptor} from 'clinvk-kit/turn/refuse'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {runTurn} from 'clinvk-kit/turn/run-turn'
import {invocationOf} from '../bench.js'
import {fail} from '../check.js'
import {PLAIN} from '../turns.js'

/** A turn as clinvk runs it, but for the settings, the hooks and the session store. */
export interface PlayedTurn {
  readonly result: TurnResult
  readonly events: readonly TurnEvent[]
  /** What the backend keeps with the session. */
  readonly state?: Json
}

export interface LiveParts {
  readonly entry: BackendEntry
  /** As clinvk uses it, guarded. */
  readonly backend: Backend
  readonly executable: Executable
  readonly env: Host['env']
  /** An empty directory for the agent to work in. */
  readonly project: string
  /** Where the agent may leave something. */
  readonly places: readonly string[]
  readonly scratch: string
  readonly model?: string
  readonly stop: AbortSignal
}

/** The real agent, and what a check does with it. */
export class LiveBench {
  /** The turn of the first check, which others look at, too. */
  first: PlayedTurn | undefined

  constructor(readonly parts: LiveParts) {}

  get capabilities() {
    return this.parts.entry.descriptor.capabilities
  }

  /** Runs a real turn. `onEvent` is called with each event; `end` stops the turn as Ctrl-C does. */
  async turn(
    part: Partial<Turn>,
    onEvent?: (event: TurnEvent, end: () => void) => void,
  ): Promise<PlayedTurn> {
    const {backend, entry, executable, model, project, scratch, stop} = this.parts
    const env = {...this.parts.env, [MARK]: project}
    const turn: Turn = {...PLAIN, cwd: project, model, ...part}
    const host: Host = {platform: process.platform, isRoot: process.getuid?.() === 0, env, scratch}
    const invocation = invocationOf(refusalByDescriptor(entry.descriptor, turn) ?? backend.plan(turn, host))
    const events: TurnEvent[] = []
    let state: Json | undefined
    const cancel = new AbortController()
    const nothing = () => Promise.resolve(undefined)
    const result = await runTurn(
      {
        turn,
        entry,
        backend,
        reader: backend.reader(turn),
        stopSignal: backend.stopSignal?.(turn) ?? 'SIGINT',
        invocation,
        executable,
        notices: [],
        verbose: false,
        limits: {timeout: TURN_TIMEOUT_MS},
        session: {
          id: randomUUID(),
          notices: [],
          begin: nothing,
          update(change) {
            state = change.state ?? state
            return Promise.resolve()
          },
          finish: nothing,
        },
      },
      {
        cwd: project,
        env,
        settings: DEFAULTS,
        settingsIn: () => Promise.resolve(DEFAULTS),
        backends: new Map(),
        hooks: {session: nothing, guard: nothing, tell: nothing},
        output: {
          needsContent: true,
          start: () => undefined,
          event(event) {
            events.push(event)
            onEvent?.(event, () => cancel.abort('SIGINT'))
          },
          notice: () => undefined,
          done: () => undefined,
        },
      },
      {stop: AbortSignal.any([cancel.signal, stop]), hurry: stop},
    )
    if (stop.aborted) fail('a turn to its end', 'It was cancelled.')
    return {result, events, state}
  }

  /** Files of the agent that contain a text. */
  async filesWith(text: string): Promise<string[]> {
    const found = new Set<string>()
    for (const place of this.parts.places) {
      for (const name of await readdir(place, {recursive: true}).catch(() => [])) {
        // A directory, or a file that is gone, has no content.
        const content = await readFile(join(place, name)).catch(() => Buffer.alloc(0))
        if (content.includes(text)) found.add(join(place, name))
      }
    }

    return [...found]
  }

  /** Names and contents of all that is in the directory that the agent works in. */
  async projectFiles(): Promise<Record<string, string>> {
    const {project} = this.parts
    const entries = await readdir(project, {recursive: true, withFileTypes: true})
    const files = entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path, entry.isFile() ? await readFile(path, 'latin1') : ''] as const
    })
    return Object.fromEntries(await Promise.all(files))
  }

  /** Processes of the agent that still live. */
  processes(): number[] {
    return processTable(`${MARK}=${this.parts.project}`).flatMap(({marked, pid}) => (marked ? [pid] : []))
  }
}

const MARK = 'CLINVK_CONFORMANCE_LIVE'
const TURN_TIMEOUT_MS = 5 * 60_000
