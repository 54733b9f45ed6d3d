import {Readable} from 'node:stream'
import type {Backend, BackendEvent, Descriptor, Host} from 'clinvk-contract'
import type {Invocation, Refusal, Turn, Verdict} from 'clinvk-contract'
import {contractSchema, issueIn} from 'clinvk-contract/schema'
import type {BackendEntry} from 'clinvk-kit/backends/discover'
import {importBackend} from 'clinvk-kit/backends/load-backend'
import {lines} from 'clinvk-kit/process/lines'
import {refusalByDescriptor} from 'clinvk-kit/turn/refuse'
import {ResultBuilder, type TurnResult} from 'clinvk-kit/turn/result'
import type {BackendPackage} from './backend-package.js'
import {fail, isForbidden, type Need, show, skip, within} from './check.js'
import type {Fixture} from './fixtures.js'
import {memoryFiles} from './memory-files.js'
import type {SideEffects} from './side-effects.js'
import {HOST, NO_ANSWER, PLAIN} from './turns.js'

export interface Reading {
  /** For each line of standard output, in order. */
  readonly perLine: readonly (readonly BackendEvent[])[]
  /** Those of standard error first. */
  readonly events: readonly BackendEvent[]
  readonly verdict: Verdict
}

/** Instead of what the fixture has. */
export interface ReadingOptions {
  readonly turn?: Partial<Turn>
  readonly lines?: readonly string[]
  readonly errorLines?: readonly string[]
  readonly exit?: {readonly code?: number; readonly signal?: string}
}

/** A backend and its fixtures, as the checks use them: no process is started. */
export class Bench {
  /** As written in package.json: it may have any type. */
  readonly written: unknown
  readonly #lines = new Map<Fixture, {stdout: readonly string[]; stderr: readonly string[]}>()
  #backend: Backend | undefined

  constructor(
    readonly pack: BackendPackage,
    readonly name: string,
    readonly fixtures: readonly Fixture[],
    /** Where the process is watched. */
    readonly effects?: SideEffects,
  ) {
    const {backends} = Object(pack.pjson.clinvk) as {backends?: unknown}
    this.written = (Object(backends) as Record<string, unknown>)[name]
  }

  /** Only for checks that need one of `Need`. */
  get entry(): BackendEntry {
    return this.pack.backends.get(this.name)!
  }

  get descriptor(): Descriptor {
    return this.pack.backends.get(this.name)?.descriptor ?? (this.written as Descriptor)
  }

  get capabilities() {
    return this.descriptor.capabilities
  }

  get backend(): Backend {
    if (!this.#backend) throw new Error('The backend is not loaded.')
    return this.#backend
  }

  get successes(): readonly Fixture[] {
    return this.fixtures.filter(({expect}) => expect.outcome === 'success')
  }

  /** Imports the backend's module without the protection that clinvk puts around it. */
  async load(): Promise<void> {
    this.#backend ??= await importBackend(this.entry, this.entry.descriptor)
    for (const fixture of this.fixtures)
      this.#lines.set(fixture, {stdout: await linesOf(fixture.stdout), stderr: await linesOf(fixture.stderr)})
  }

  /** Loads the backend. Why checks that need something cannot say anything, by what they need. */
  async unmetNeeds(): Promise<Partial<Record<Need, string>>> {
    const unmet: Partial<Record<Need, string>> = {}
    if (this.descriptorIssue() !== undefined)
      unmet.descriptor = 'The descriptor is not as the contract says: descriptor-valid.'
    if (!this.pack.backends.has(this.name))
      unmet.entry = 'clinvk cannot use the descriptor: descriptor-valid.'
    else await this.load().catch(() => (unmet.module = 'The module does not load: module-loads.'))
    unmet.module ??= unmet.entry
    const isPlanned = () => issueIn(SCHEMA.answers.plan, this.ownPlan({})) === undefined
    const isRead = () => this.fixtures.every((fixture) => Array.isArray(this.read(fixture).events))
    unmet.plan = unmet.module ?? (works(isPlanned) ? undefined : 'A plain turn gets no plan: plan-valid.')
    unmet.reader =
      unmet.module ?? (works(isRead) ? undefined : 'The fixtures cannot be read: fixtures-as-expected.')
    return unmet
  }

  descriptorIssue(): string | undefined {
    return issueIn(SCHEMA.contribution, {contract: 1, backends: {[this.name]: this.written}})
  }

  linesOf(fixture: Fixture): readonly string[] {
    return this.#lines.get(fixture)!.stdout
  }

  /** What becomes of a turn: refused because of the descriptor, or planned by the backend. */
  plan(part: Partial<Turn>, host?: Host): Invocation | Refusal {
    return refusalByDescriptor(this.descriptor, {...PLAIN, ...part}) ?? this.ownPlan(part, host)
  }

  ownPlan(part: Partial<Turn>, host: Host = HOST): Invocation | Refusal {
    return this.backend.plan(structuredClone({...PLAIN, ...part}), host)
  }

  /** Lets the backend read a run. Throws what the reader throws. */
  read(fixture: Fixture, options: ReadingOptions = {}): Reading {
    const {stderr, stdout} = this.#lines.get(fixture)!
    const errorLines = options.errorLines ?? stderr
    const reader = this.backend.reader(structuredClone({...PLAIN, ...fixture.turn, ...options.turn}))
    const errors = errorLines.flatMap((line) => reader.errorLine?.(line) ?? [])
    const perLine = (options.lines ?? stdout).map((line) => reader.line(line))
    const tail = errorLines.map((line) => `${line}\n`).join('').slice(-STDERR_LENGTH) // prettier-ignore
    const verdict = reader.end({...(options.exit ?? fixture.exit), stderr: tail})
    return {perLine, events: [...errors, ...perLine.flat()], verdict}
  }

  async eachReading(check: (reading: Reading, fixture: Fixture) => void | Promise<void>): Promise<void> {
    if (this.fixtures.length === 0) skip('There are no fixtures.')
    for (const fixture of this.fixtures) await within(fixture.name, () => check(this.read(fixture), fixture))
  }

  async result(fixture: Fixture, {events, verdict}: Reading = this.read(fixture)): Promise<TurnResult> {
    const turn = {...PLAIN, ...fixture.turn}
    const builder = new ResultBuilder({entry: this.entry, turn, context: {output: {needsContent: true}}})
    for (const event of events)
      if (event.type !== 'session' || builder.backendSessionId === undefined) builder.add(event)
    const run = {startedAt: new Date(), sessionId: builder.backendSessionId}
    const {files} = memoryFiles(['/home/ada/.agent'])
    const settled = await this.backend.settle?.(turn, verdict, files, run, NO_ANSWER)
    return builder.build({exit: {...fixture.exit, stderr: ''}, verdict: settled ?? verdict}, 0, true)
  }
}

export function invocationOf(plan: Invocation | Refusal): Invocation {
  return plan.kind === 'invocation' ? plan : fail('a plan', `It is refused: ${plan.option}: ${plan.reason}`)
}

export function expectValid(schema: Parameters<typeof issueIn>[0], value: unknown, what: string): void {
  const issue = issueIn(schema, value)
  if (issue !== undefined) fail(`${what} as the contract says`, `${issue}: ${show(value)}`)
}

export const SCHEMA = contractSchema({strict: true})

/** What is forbidden is reported by a check of its own. */
function works(task: () => boolean): boolean {
  try {
    return task()
  } catch (error) {
    return isForbidden(error)
  }
}

async function linesOf(bytes: Buffer): Promise<string[]> {
  const found: string[] = []
  for await (const some of lines(Readable.from([bytes]))) found.push(...some)
  return found
}

const STDERR_LENGTH = 16 * 1024
