import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {BackendEntry} from 'clinvk-kit/backends/discover'
import type {Executable} from 'clinvk-kit/backends/find-executable'
import type {Backend, Host, Turn, TurnEvent} from 'clinvk-contract'
import {processTable} from 'clinvk-kit/process/process-tree'
import {refusalByDescriptor} from 'clinvk-kit/turn/refuse'
import {invocationOf} from '../bench.js'
import {fail} from '../check.js'
import {PLAIN} from '../edge-case-turns.js'
import {type PlayedTurn, playTurn} from '../play-turn.js'

export interface LiveParts {
  readonly entry: BackendEntry
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

  /** Runs a real turn. */
  async turn(
    part: Partial<Turn>,
    onEvent?: (event: TurnEvent, end: () => void) => void,
  ): Promise<PlayedTurn> {
    const {backend, entry, env, executable, model, project, scratch, stop} = this.parts
    const turn: Turn = {...PLAIN, cwd: project, model, ...part}
    const host: Host = {platform: process.platform, isRoot: process.getuid?.() === 0, env, scratch}
    const plan = refusalByDescriptor(entry.descriptor, turn) ?? backend.plan(turn, host)
    const played = await playTurn({
      entry,
      backend,
      turn,
      invocation: invocationOf(plan),
      executable,
      env: {...env, [MARK]: project},
      timeout: TURN_TIMEOUT_MS,
      stop,
      onEvent,
    })
    if (stop.aborted) fail('a turn to its end', 'It was cancelled.')
    return played
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
