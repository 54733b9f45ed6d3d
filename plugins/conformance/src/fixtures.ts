import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {z} from 'zod'
import type {Denial, Turn, Usage, Verdict} from 'clinvk-contract'
import {Failure} from 'clinvk-kit/errors/failure'
import {messageOf} from 'clinvk-kit/errors/message-of'

/** A run of the agent as it was: what it was asked, what it printed, and what must come of it. */
export interface Fixture {
  readonly name: string
  readonly turn: Partial<Turn>
  readonly exit: {readonly code?: number; readonly signal?: string}
  readonly expect: Expectation
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** What is given is checked. */
export interface Expectation {
  readonly outcome: Verdict['outcome']
  readonly content?: string
  readonly backend_session_id?: string
  readonly model?: string
  readonly usage?: Usage
  readonly denials?: readonly Denial[]
  /** A part of the error message. */
  readonly error?: string
  /** Types of the events in their order, neighbours of one type as one. */
  readonly events?: readonly string[]
  /** The plan of this turn; its scratch directory is `/scratch`. */
  readonly args?: readonly string[]
  readonly stdin?: string
}

/**
 * The fixtures of a backend: `NAME.json` beside `NAME.stdout` and perhaps
 * `NAME.stderr`. No directory is no fixtures. Throws a Failure of kind `config`
 * that names each file which cannot be used, and why.
 */
export async function readFixtures(directory: string, backend: string): Promise<Fixture[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new Failure('config', `The fixtures cannot be read: ${messageOf(error)}`)
  })
  const known = new Set(names)
  const problems = names.flatMap((name) => {
    const [stem, end] = [name.replace(/\.[^.]*$/, ''), /\.[^.]*$/.exec(name)?.[0]]
    if (end === '.json') return known.has(`${stem}.stdout`) ? [] : [`${name}: there is no ${stem}.stdout`]
    if (end !== '.stdout' && end !== '.stderr') return []
    return known.has(`${stem}.json`) ? [] : [`${name}: there is no ${stem}.json that says what to expect`]
  })
  const schema = await fixtureSchema()
  const fixtures: Fixture[] = []
  for (const name of names.filter((file) => file.endsWith('.json') && known.has(stdoutOf(file))).sort()) {
    const told = await parse(join(directory, name), schema).catch((error: unknown) => messageOf(error))
    if (typeof told === 'string') problems.push(`${name}: ${told}`)
    else if (told.backend === undefined || told.backend === backend) {
      const stem = name.slice(0, -'.json'.length)
      const stderr = known.has(`${stem}.stderr`)
        ? readFile(join(directory, `${stem}.stderr`))
        : Buffer.alloc(0)
      const {exit = {code: 0}, expect, turn = {}} = told
      fixtures.push({
        name: stem,
        turn: turn as Partial<Turn>,
        exit: exit,
        expect: expect as Expectation,
        stdout: await readFile(join(directory, stdoutOf(name))),
        stderr: await stderr,
      })
    }
  }

  if (problems.length === 0) return fixtures
  throw new Failure('config', `Fixtures in ${directory} cannot be used.`, problems)
}

function stdoutOf(name: string): string {
  return name.replace(/\.json$/, '.stdout')
}

async function parse(path: string, schema: FixtureSchema): Promise<z.infer<FixtureSchema>> {
  const {z: zod} = await import('zod')
  const {data, error} = schema.safeParse(JSON.parse(await readFile(path, 'utf8')))
  if (error) throw new Error(zod.prettifyError(error).replaceAll(/\s+/g, ' '))
  return data
}

type FixtureSchema = Awaited<ReturnType<typeof fixtureSchema>>

async function fixtureSchema() {
  const {z: zod} = await import('zod')
  const text = zod.string()
  const texts = zod.array(text)
  const counts = {
    input_tokens: zod.int().optional(),
    output_tokens: zod.int().optional(),
    cached_tokens: zod.int().optional(),
    reasoning_tokens: zod.int().optional(),
    total_tokens: zod.int().optional(),
  }
  return zod.strictObject({
    description: text.optional(),
    backend: text.optional(),
    turn: zod
      .strictObject({
        prompt: text,
        cwd: text,
        session: zod.strictObject({
          kind: zod.enum(['new', 'resume', 'ephemeral']),
          id: text,
          state: zod.json().optional(),
        }),
        model: text,
        approval: zod.enum(['default', 'auto', 'none', 'always']),
        sandbox: zod.enum(['default', 'read-only', 'workspace', 'full']),
        systemPrompt: text,
        maxTurns: zod.int(),
        allowedTools: texts,
        addDirs: texts,
        extra: texts,
        options: zod.record(text, zod.union([text, zod.boolean(), zod.number(), texts])),
      })
      .partial()
      .optional(),
    exit: zod.union([zod.strictObject({code: zod.int()}), zod.strictObject({signal: text})]).optional(),
    expect: zod.strictObject({
      outcome: zod.enum(['success', 'failed', 'session', 'auth', 'rate_limit', 'limit']),
      content: text.optional(),
      backend_session_id: text.optional(),
      model: text.optional(),
      usage: zod
        .strictObject({...counts, models: zod.record(text, zod.strictObject(counts)).optional()})
        .optional(),
      denials: zod
        .array(zod.strictObject({tool: text, target: text.optional(), allow: texts.optional()}))
        .optional(),
      error: text.optional(),
      events: texts.optional(),
      args: texts.optional(),
      stdin: text.optional(),
    }),
  })
}
