import {Readable} from 'node:stream'
import type {Backend, BackendEvent, Host, Invocation, Refusal, Turn, Verdict} from 'clinvk-contract'
import {contractSchema, issueIn} from 'clinvk-contract/schema'
import type {BackendEntry} from 'clinvk-kit/backends/discover'
import {importBackend} from 'clinvk-kit/backends/load-backend'
import {lines} from 'clinvk-kit/process/lines'
import {refusalByDescriptor} from 'clinvk-kit/turn/refuse'
import {ResultBuilder, type TurnResult} from 'clinvk-kit/turn/result'
import {fail, notApplicable, type Outcome, quietly, show, within} from './check.js'
import {edgeCaseTurns, HOST, NO_ANSWER, PLAIN} from './edge-case-turns.js'
import type {Fixture} from './fixtures.js'
import {Guard, type ProcessSnapshot, snapshotProcess} from './guard.js'
import {type Import, importsOf} from './imports.js'
import {memoryFiles} from './unrelated-files.js'

/** What a reader returned for a run of the agent. */
export interface Reading {
  /** For each line of standard output, in order. */
  readonly perLine: readonly (readonly BackendEvent[])[]
  /** Those of standard error first. */
  readonly events: readonly BackendEvent[]
  readonly verdict: Verdict
}

export interface ReadingOptions {
  readonly turn?: Partial<Turn>
  /** Instead of the fixture's. */
  readonly lines?: readonly string[]
  readonly exit?: {readonly code?: number; readonly signal?: string}
}

/** A backend and its fixtures, as the checks of its code use them: no process is started. */
export class Bench {
  readonly guard = new Guard()
  /** The process before the backend is loaded, and after all of its parts were called. */
  readonly snapshots: {readonly before: ProcessSnapshot; after?: ProcessSnapshot} = {
    before: snapshotProcess(),
  }
  readonly #lines = new Map<Fixture, {stdout: string[]; stderr: string[]}>()
  #backend: Backend | undefined

  constructor(
    readonly entry: BackendEntry,
    readonly fixtures: readonly Fixture[],
  ) {}

  /** Imports the backend's module without the protection that clinvk puts around it. */
  async load(): Promise<Backend> {
    this.#backend ??= await this.guard.watch('its module', () =>
      importBackend(this.entry, this.entry.descriptor),
    )
    for (const fixture of this.fixtures) {
      const [stdout, stderr] = [await linesOf(fixture.stdout), await linesOf(fixture.stderr)]
      this.#lines.set(fixture, {stdout, stderr})
    }

    return this.#backend
  }

  get backend(): Backend {
    if (!this.#backend) throw new Error('The backend is not loaded.')
    return this.#backend
  }

  get capabilities() {
    return this.entry.descriptor.capabilities
  }

  get imports(): readonly Import[] {
    const {module} = this.entry.descriptor
    return module === undefined ? [] : importsOf(this.entry.root, module)
  }

  get successes(): readonly Fixture[] {
    return this.fixtures.filter(({expect}) => expect.outcome === 'success')
  }

  linesOf(fixture: Fixture): readonly string[] {
    return this.#lines.get(fixture)!.stdout
  }

  /** What becomes of a turn: refused because of the descriptor, or planned by the backend. */
  plan(part: Partial<Turn>, host: Host = HOST): Invocation | Refusal {
    const turn = {...PLAIN, ...part}
    return refusalByDescriptor(this.entry.descriptor, turn) ?? this.ownPlan(turn, host)
  }

  ownPlan(turn: Turn, host: Host = HOST): Invocation | Refusal {
    return this.guard.watch('plan', () => this.backend.plan(structuredClone(turn), host))
  }

  /** Runs a check for the plan of each edge case that has one. */
  eachPlan(check: (plan: Invocation | Refusal, turn: Turn) => void, host: Host = HOST): void {
    for (const [name, turn] of edgeCaseTurns(this.entry.descriptor)) {
      const plan = quietly(() => this.plan(turn, host))
      if (plan) within(name, () => check(plan, turn))
    }
  }

  /** Lets the backend read a run. Throws what the reader throws. */
  read(fixture: Fixture, options: ReadingOptions = {}): Reading {
    const {stderr, stdout} = this.#lines.get(fixture)!
    const turn = structuredClone({...PLAIN, ...fixture.turn, ...options.turn})
    return this.guard.watch('reader', () => {
      const reader = this.backend.reader(turn)
      const errors = stderr.flatMap((line) => reader.errorLine?.(line) ?? [])
      const perLine = (options.lines ?? stdout).map((line) => reader.line(line))
      const tail = stderr.map((line) => `${line}\n`).join('').slice(-STDERR_LENGTH) // prettier-ignore
      const verdict = reader.end({...(options.exit ?? fixture.exit), stderr: tail})
      return {perLine, events: [...errors, ...perLine.flat()], verdict}
    })
  }

  /** Runs a check for what the reader makes of each fixture. */
  eachReading(check: (reading: Reading, fixture: Fixture) => void, fixtures = this.fixtures): Outcome {
    if (fixtures.length === 0) return notApplicable('There are no such fixtures.')
    for (const fixture of fixtures) within(fixture.name, () => check(this.read(fixture), fixture))
    return undefined
  }

  /** The result of a turn that the user would see. */
  async result(fixture: Fixture, {events, verdict}: Reading = this.read(fixture)): Promise<TurnResult> {
    const turn = {...PLAIN, ...fixture.turn}
    const about = {entry: this.entry, sessionId: undefined, workingDir: turn.cwd, needsContent: true}
    const builder = new ResultBuilder(about)
    for (const event of events)
      if (event.type !== 'session' || builder.backendSessionId === undefined) builder.add(event)
    const run = {startedAt: new Date(), sessionId: builder.backendSessionId}
    const {files} = memoryFiles(['/home/ada/.agent'])
    const settled = await this.guard.watch('settle', () =>
      this.backend.settle?.(turn, verdict, files, run, NO_ANSWER),
    )
    return builder.build({exit: {...fixture.exit, stderr: ''}, verdict: settled ?? verdict}, 0)
  }
}

/** The invocation of a turn that every agent can do. */
export function invocationOf(plan: Invocation | Refusal): Invocation {
  return plan.kind === 'invocation' ? plan : fail('a plan', `It is refused: ${plan.option}: ${plan.reason}`)
}

/** Fails when a value is not what the contract says. */
export function expectValid(schema: Parameters<typeof issueIn>[0], value: unknown, what: string): void {
  const issue = issueIn(schema, value)
  if (issue !== undefined) fail(`${what} as the contract says`, `${issue}: ${show(value)}`)
}

export const SCHEMA = contractSchema({strict: true})

async function linesOf(bytes: Buffer): Promise<string[]> {
  const found: string[] = []
  for await (const some of lines(Readable.from([bytes]))) found.push(...some)
  return found
}

const STDERR_LENGTH = 16 * 1024
