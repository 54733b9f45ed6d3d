import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {BackendEntry} from 'clinvk-kit/backends/discover'
import type {Executable} from 'clinvk-kit/backends/find-executable'
import type {Backend, Host, Turn, TurnEvent} from 'clinvk-contract'
import {processTable} from 'clinvk-kit/process/process-table'
import {refusalByDescriptor} from 'clinvk-kit/turn/refuse'
import {invocationOf} from '../bench.js'
import {CheckFailed} from '../check.js'
import {PLAIN} from '../invented.js'
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
  readonly parts: LiveParts
  /** The turn that the first check made, for those that look at it, too. */
  first: PlayedTurn | undefined

  constructor(parts: LiveParts) {
    this.parts = parts
  }

  get capabilities() {
    return this.parts.entry.descriptor.capabilities
  }

  /** Runs a real turn. */
  async turn(
    part: Partial<Turn>,
    onEvent?: (event: TurnEvent, end: () => void) => void,
  ): Promise<PlayedTurn> {
    const {backend, entry, env, executable, model, project, scratch, stop} = this.parts
    const turn: Turn = {...PLAIN, cwd: project, ...(model === undefined ? {} : {model}), ...part}
    const host: Host = {platform: process.platform, isRoot: process.getuid?.() === 0, env, scratch}
    const plan = refusalByDescriptor(entry.descriptor, turn) ?? backend.plan(turn, host)
    const invocation = invocationOf(plan, 'A turn of the real agent')
    const played = await playTurn({
      entry,
      backend,
      turn,
      invocation,
      executable,
      env: {...env, [MARK]: project},
      timeout: LONGEST_TURN_MS,
      stop,
      ...(onEvent ? {onEvent} : {}),
    })
    if (stop.aborted) throw new CheckFailed('a turn to its end', 'It was cancelled.')
    return played
  }

  /** Files of the agent in which a text stands. */
  async filesWith(text: string): Promise<string[]> {
    const found: string[] = []
    for (const place of this.parts.places) {
      const entries = await readdir(place, {recursive: true, withFileTypes: true}).catch(() => [])
      for (const entry of entries) {
        const path = join(entry.parentPath, entry.name)
        if (!entry.isFile() || found.includes(path)) continue
        const content = await readFile(path).catch(() => Buffer.alloc(0))
        if (content.includes(text)) found.push(path)
      }
    }

    return found
  }

  /** Names and contents of all that is in the directory that the agent works in. */
  async projectFiles(): Promise<Record<string, string>> {
    const {project} = this.parts
    const files: Record<string, string> = {}
    for (const entry of await readdir(project, {recursive: true, withFileTypes: true})) {
      const path = join(entry.parentPath, entry.name)
      files[path] = entry.isFile() ? await readFile(path, 'latin1') : ''
    }

    return files
  }

  /** Processes of the agent that still live. */
  processes(): number[] {
    return processTable(`${MARK}=${this.parts.project}`).flatMap(({marked, pid}) => (marked ? [pid] : []))
  }
}

const MARK = 'CLINVK_CONFORMANCE_LIVE'
const LONGEST_TURN_MS = 5 * 60_000
