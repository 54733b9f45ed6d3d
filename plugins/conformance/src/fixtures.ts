import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import * as z from 'zod'
import type {Turn} from 'clinvk-contract'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'

const text = z.string()
const texts = z.array(text)
const anyObject = z.record(text, z.unknown())
const TURN = z.strictObject({
  prompt: text,
  cwd: text,
  session: z.strictObject({
    kind: z.enum(['new', 'resume', 'ephemeral']),
    id: text,
    state: z.json().optional(),
  }),
  model: text,
  approval: z.enum(['default', 'auto', 'none', 'always']),
  sandbox: z.enum(['default', 'read-only', 'workspace', 'full']),
  systemPrompt: text,
  maxTurns: z.int(),
  maxCost: z.number(),
  allowedTools: texts,
  addDirs: texts,
  extra: texts,
  options: z.record(text, z.union([text, z.boolean(), z.number(), texts])),
})
/** What must come of the run. Only what is given is compared. */
const EXPECTATION = z.strictObject({
  outcome: z.enum(['success', 'failed', 'session', 'auth', 'rate_limit', 'limit']),
  content: text.optional(),
  backend_session_id: text.optional(),
  model: text.optional(),
  usage: anyObject.optional(),
  cost: z.number().optional(),
  denials: z.array(anyObject).optional(),
  /** A part of the error message. */
  error: text.optional(),
  /** Types of the events in their order, neighbours of one type as one. */
  events: texts.optional(),
  /** The plan of this turn; its scratch directory is `/scratch`. */
  args: texts.optional(),
  stdin: text.optional(),
})
const SCHEMA = z.strictObject({
  description: text.optional(),
  backend: text.optional(),
  turn: TURN.partial().default({}),
  exit: z.union([z.strictObject({code: z.int()}), z.strictObject({signal: text})]).default({code: 0}),
  expect: EXPECTATION,
})

export type Expectation = z.infer<typeof EXPECTATION>

/** A recorded run of the agent: the turn, what the agent printed, and what clinvk must make of it. */
export interface Fixture {
  readonly name: string
  readonly turn: Partial<Turn>
  readonly exit: {readonly code?: number; readonly signal?: string}
  readonly expect: Expectation
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/**
 * The fixtures of a backend: `NAME.json` beside `NAME.stdout` and, optionally,
 * `NAME.stderr`. A missing directory has no fixtures. Throws a Failure of kind
 * `config` that names each file which cannot be used, and why.
 */
export async function readFixtures(directory: string, backend: string): Promise<Fixture[]> {
  const names: string[] = await readdir(directory).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new Failure('config', `The fixtures cannot be read: ${messageOf(error)}`)
  })
  const problems = names.flatMap((name) => {
    const [, stem = name, end = ''] = /^(.*)\.(json|stdout|stderr)$/.exec(name) ?? []
    const other = end === 'json' ? `${stem}.stdout` : `${stem}.json`
    return end === '' || names.includes(other) ? [] : [`${name}: there is no ${other}`]
  })
  const fixtures: Fixture[] = []
  for (const file of names.filter((one) => one.endsWith('.json')).sort()) {
    const name = file.slice(0, -'.json'.length)
    if (!names.includes(`${name}.stdout`)) continue
    const read = (end: string) => readFile(join(directory, `${name}.${end}`))
    try {
      const {data, error} = SCHEMA.safeParse(JSON.parse(String(await read('json'))))
      if (error) throw new Error(z.prettifyError(error).replaceAll(/\s+/g, ' '))
      const {exit, expect, turn} = data
      if (data.backend !== undefined && data.backend !== backend) continue
      const stderr = names.includes(`${name}.stderr`) ? await read('stderr') : Buffer.alloc(0)
      fixtures.push({name, turn: turn, exit, expect, stdout: await read('stdout'), stderr})
    } catch (error) {
      problems.push(`${file}: ${messageOf(error)}`)
    }
  }

  if (problems.length === 0) return fixtures
  throw new Failure('config', `Fixtures in ${directory} cannot be used.`, problems)
}
