import {parseTime} from 'clinvk-kit/format/parse-age'
import * as z from 'zod'

const text = z.string()
const texts = z.union([text, z.array(text)]).transform((given) => [given].flat())
const count = z.int().min(0).max(1_000_000_000)
const duration = z.union([z.number().min(0), text]).describe('Seconds, or a text such as 90s or 10m.')

/** The options of a turn, as in a task of a run file. */
const options = {
  backend: text,
  model: text,
  workdir: text.describe('Absolute; below a directory that clients may use.'),
  working_dir: text.describe('The same as workdir.'),
  approval_mode: z.enum(['default', 'auto', 'none', 'always']),
  sandbox_mode: z.enum(['default', 'read-only', 'workspace', 'full']),
  system_prompt: text,
  max_turns: count,
  max_tokens: count,
  max_cost: z.number().min(0),
  allowed_tools: texts,
  add_dirs: texts,
  schema: z.record(text, z.unknown()).describe('JSON Schema that the answer must fit.'),
  extra: texts,
  timeout: duration,
  idle_timeout: duration,
  wait_for_reset: duration,
  fallback: texts,
  dry_run: z.boolean(),
  verbose: z.boolean(),
  output_format: z.enum(['default', 'text', 'json', 'stream-json']),
  ephemeral: z.boolean(),
  metadata: z.record(text, text),
  tags: texts,
} as const

const optional = z.strictObject(options).partial().shape
const {max_tokens, max_cost, max_turns, timeout, dry_run} = optional
const shared = {max_tokens, max_cost, max_turns, timeout, dry_run, stream: z.boolean().optional()}

export const promptBody = z.strictObject({
  prompt: text.regex(/\S/, 'must not be empty'),
  ...optional,
  session: text.min(1).optional().describe('Continues this session.'),
  fork: text.min(1).optional().describe('Continues a copy of this session.'),
  at: z.int().min(1).optional().describe('With fork: as it was after this turn.'),
  name: text.optional().describe('Of the new session.'),
  stream: z.boolean().optional().describe('Answers with events.'),
  detach: z
    .boolean()
    .optional()
    .describe('Answers as soon as the turn runs, which runs on without the client.'),
})

const task = z.strictObject({
  prompt: text.regex(/\S/, 'must not be empty'),
  ...optional,
  id: text.optional(),
  name: text.optional(),
  needs: z.array(z.union([text, z.int()])).optional(),
  when: z.enum(['success', 'failure', 'always']).optional(),
  worktree: z.boolean().optional(),
  meta: z.record(text, z.union([text, z.number(), z.boolean()])).optional(),
})

export const parallelBody = z.strictObject({
  tasks: z.array(z.union([text.regex(/\S/), task])).min(1),
  max_parallel: count.optional(),
  fail_fast: z.boolean().optional(),
  worktree: z.boolean().optional(),
  ...shared,
})

export const chainBody = z.strictObject({
  steps: z.array(z.union([text.regex(/\S/), task])).min(1),
  stop_on_failure: z.boolean().optional(),
  pass_working_dir: z.boolean().optional(),
  pass_session: z.boolean().optional(),
  pass_session_id: z.boolean().optional(),
  persist_sessions: z.boolean().optional(),
  ...shared,
})

export const compareBody = z.strictObject({
  prompt: text.regex(/\S/, 'must not be empty'),
  backends: z.union([z.array(text.min(1)).min(1), z.literal('all')]),
  sequential: z.boolean().optional(),
  from: text.min(1).optional().describe('A session that each continues a copy of.'),
  ...z.strictObject(optional).omit({fallback: true, metadata: true, output_format: true, tags: true}).shape,
  stream: z.boolean().optional(),
})

export const sessionBody = z.strictObject({
  name: text.max(500).optional().describe('An empty one removes it.'),
  add_tags: z.array(text.min(1).max(200)).optional(),
  remove_tags: z.array(text.min(1).max(200)).optional(),
  closed: z.boolean().optional(),
})

/** A number in a query is a text there. */
const number = z.coerce.number().int().min(0).max(1_000_000)
/** 0 is none. */
const limit = number.transform((given) => given || undefined)
const since = text
  .describe('An age such as 7d or 12h, or a date.')
  .transform((given) => parseTime(given, 'since'))
const isYes = (description: string) =>
  z
    .enum(['true', 'false'])
    .describe(description)
    .transform((given) => given === 'true')
const tags = text
  .describe('Separated by commas; with all of them.')
  .transform((given) => given.split(',').filter((tag) => tag !== ''))

export const sessionsQuery = z
  .strictObject({
    backend: text,
    status: z.enum(['active', 'paused', 'completed', 'error', 'running']),
    directory: text,
    tags,
    run: text.regex(/^[0-9a-f]{4,32}$/, '4 to 32 of the digits 0-9 and a-f'),
    since,
    limit,
    offset: number,
  })
  .partial()

export const logQuery = z.strictObject({from: number, turn: limit, last: limit, limit}).partial()

export const searchQuery = z.strictObject({
  q: text.regex(/\S/, 'must not be empty').describe('Words that must all be in a message.'),
  backend: text.optional(),
  directory: text.optional(),
  since: since.optional(),
  tags: tags.optional(),
  tool: isYes('Only what tools were asked and answered.').optional(),
  limit: limit.optional(),
})

export const usageQuery = z
  .strictObject({
    by: z.enum(['day', 'backend', 'model', 'directory', 'tag', 'session']),
    backend: text,
    since,
  })
  .partial()

export const deleteQuery = z
  .strictObject({
    agent: isYes('Also what the agent has recorded.'),
    with_forks: isYes('Also the forks that the agent could not read without that.'),
  })
  .partial()
