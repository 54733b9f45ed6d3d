import {Readable} from 'node:stream'
import type {BackendEntry} from 'clinvk-kit/backends/discover'
import {importBackend} from 'clinvk-kit/backends/load-backend'
import type {Backend, BackendEvent, Host, Invocation, Refusal, Turn, Verdict} from 'clinvk-contract'
import {lines} from 'clinvk-kit/process/lines'
import {refusalByDescriptor} from 'clinvk-kit/turn/refuse'
import {ResultBuilder, type TurnResult} from 'clinvk-kit/turn/result'
import {CheckFailed} from './check.js'
import {lookAround, type Surroundings} from './surroundings.js'
import type {Fixture} from './fixtures.js'
import {type Guard, isForbidden} from './guard.js'
import {HOST, NO_ANSWER, PLAIN} from './invented.js'
import {memoryFiles} from './memory-files.js'
import type {ImportsOf} from './recorded-imports.js'

/** What a reader made of a run of the agent. */
export interface Reading {
  /** Of each line of standard output, in order. */
  readonly perLine: readonly (readonly BackendEvent[])[]
  /** Those of standard error first. */
  readonly events: readonly BackendEvent[]
  readonly verdict: Verdict
}

export interface ReadingOptions {
  readonly turn?: Partial<Turn>
  /** In place of the fixture's. */
  readonly lines?: readonly string[]
  readonly exit?: {readonly code?: number; readonly signal?: string}
}

export interface BenchParts {
  readonly entry: BackendEntry
  readonly fixtures: readonly Fixture[]
  readonly guard: Guard
  readonly home: string
  readonly stop: AbortSignal
  readonly importsOf?: ImportsOf
}

/** A backend on the bench: everything that a check tries it with, without a process. */
export class Bench {
  readonly entry: BackendEntry
  readonly fixtures: readonly Fixture[]
  readonly guard: Guard
  readonly importsOf: ImportsOf | undefined
  /** A directory that is the home of this bench. */
  readonly home: string
  /** Aborts when the user wants no more. */
  readonly stop: AbortSignal
  /** How the process was before the backend was loaded. */
  readonly beginning = lookAround()
  /** Set once every part of the backend has been at work. */
  surroundings?: Surroundings
  #backend: Backend | undefined
  readonly #lines = new Map<Fixture, {stdout: string[]; stderr: string[]}>()

  constructor({entry, fixtures, guard, home, importsOf, stop}: BenchParts) {
    this.entry = entry
    this.fixtures = fixtures
    this.guard = guard
    this.home = home
    this.stop = stop
    this.importsOf = importsOf
  }

  /** Loads the backend's module, once, as it is: clinvk itself would mend what it gives; splits the fixtures into lines as a turn does. */
  async load(): Promise<Backend> {
    this.#backend ??= await this.guard.watch('its module', () =>
      importBackend(this.entry, this.entry.descriptor),
    )
    for (const fixture of this.fixtures) {
      if (this.#lines.has(fixture)) continue
      const [stdout, stderr] = [await linesOf(fixture.stdout), await linesOf(fixture.stderr)]
      this.#lines.set(fixture, {stdout, stderr})
    }

    return this.#backend
  }

  get backend(): Backend {
    if (!this.#backend) throw new Error('The backend is not loaded.')
    return this.#backend
  }

  get successes(): readonly Fixture[] {
    return this.fixtures.filter(({expect}) => expect.outcome === 'success')
  }

  linesOf(fixture: Fixture): readonly string[] {
    return this.#lines.get(fixture)!.stdout
  }

  /** A plain turn, but for what is given. */
  turn(part: Partial<Turn> = {}): Turn {
    return structuredClone({...PLAIN, ...part})
  }

  /** What becomes of a turn: first what the descriptor says no to, then the backend's plan. */
  plan(turn: Turn, host: Host = HOST): Invocation | Refusal {
    return refusalByDescriptor(this.entry.descriptor, turn) ?? this.ownPlan(turn, host)
  }

  ownPlan(turn: Turn, host: Host = HOST): Invocation | Refusal {
    return this.guard.watch('plan', () => this.backend.plan(turn, host))
  }

  /** Lets the backend read a run. Throws what the reader throws. */
  read(fixture: Fixture, options: ReadingOptions = {}): Reading {
    const {stderr, stdout} = this.#lines.get(fixture)!
    const turn = this.turn({...fixture.turn, ...options.turn})
    return this.guard.watch('reader', () => {
      const reader = this.backend.reader(turn)
      const events: BackendEvent[] = []
      for (const line of stderr) events.push(...(reader.errorLine?.(line) ?? []))
      const perLine = (options.lines ?? stdout).map((line) => reader.line(line))
      events.push(...perLine.flat())
      const verdict = reader.end({...(options.exit ?? fixture.exit), stderr: tailOf(stderr)})
      return {perLine, events, verdict}
    })
  }

  /** The result of a turn, as a user gets it, from what a reader made of it. */
  async result(fixture: Fixture, {events, verdict}: Reading): Promise<TurnResult> {
    const turn = this.turn(fixture.turn)
    const about = {entry: this.entry, sessionId: undefined, workingDir: turn.cwd, needsContent: true}
    const builder = new ResultBuilder(about)
    for (const event of events)
      if (event.type !== 'session' || builder.backendSessionId === undefined) builder.add(event)
    const run = {startedAt: new Date(), sessionId: builder.backendSessionId}
    const settled = this.backend.settle
      ? await this.guard.watch('settle', () =>
          this.backend.settle!(turn, verdict, memoryFiles().files, run, NO_ANSWER),
        )
      : verdict
    return builder.build({exit: {...fixture.exit, stderr: ''}, verdict: settled}, 0)
  }
}

/** Runs what may fail with an error that another check tells of; undefined then. */
export function unlessForbidden<T>(task: () => T): T | undefined {
  try {
    return task()
  } catch (error) {
    if (isForbidden(error)) return undefined
    throw error
  }
}

/** The invocation of a plan; a refusal is a failed check, because the turn is one that every agent can do. */
export function invocationOf(plan: Invocation | Refusal, what: string): Invocation {
  if (plan.kind === 'invocation') return plan
  throw new CheckFailed(`${what} is planned`, `It is refused: ${plan.option}: ${plan.reason}`)
}

async function linesOf(bytes: Buffer): Promise<string[]> {
  const found: string[] = []
  for await (const some of lines(Readable.from([bytes]))) found.push(...some)
  return found
}

function tailOf(stderr: readonly string[]): string {
  return stderr
    .map((line) => `${line}\n`)
    .join('')
    .slice(-TAIL_LENGTH)
}

const TAIL_LENGTH = 16 * 1024
