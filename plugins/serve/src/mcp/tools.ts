import {isAbsolute} from 'node:path'
import type {CallToolResult, McpServer, ServerContext} from '@modelcontextprotocol/server'
import {Failure} from 'clinvk-kit/errors/failure'
import * as z from 'zod'
import {type Answer, failureResult, toolResult} from './answer.js'
import type {Job} from './jobs.js'
import {search, sessions} from './look.js'
import type {Place} from './place.js'
import {read} from './read.js'
import {ask, compare} from './turns.js'
import {waitFor} from './wait-for.js'

/**
 * The seven tools. Names and descriptions are what clients search, and all of it stands in the context of each of them:
 * less than 300 characters a description, less than 6 KB in all.
 */
export function addTools(server: McpServer, place: Place, {interval = 5000}: ToolOptions = {}): void {
  const add = <Shape extends z.ZodObject>(
    name: string,
    description: string,
    inputSchema: Shape,
    run: (input: z.output<Shape>, context: ServerContext) => Promise<Answer>,
    isReadOnly = false,
  ) => {
    const annotations = isReadOnly ? {readOnlyHint: true} : undefined
    const call = async (input: z.output<Shape>, context: ServerContext): Promise<CallToolResult> => {
      try {
        return toolResult(await run(input, context))
      } catch (error) {
        return failureResult(error)
      }
    }
    server.registerTool(name, {description, inputSchema, annotations}, call as never)
  }
  const waiting = (seconds: number, context: ServerContext) => ({
    seconds,
    context,
    interval,
    gone: place.gone,
  })

  add(
    'ask',
    'Ask another coding agent (claude, codex, gemini, opencode, …) and get its answer. Begins a session, or continues one. With access read, the default, it changes nothing; with edit it edits files. If status is running, call wait.',
    z.strictObject({
      prompt: text,
      agent: text.optional().describe("Default: the user's."),
      model: text.optional().describe('Or fast, balanced, best.'),
      session: text.optional().describe('Continue this one.'),
      directory: absolute.optional(),
      access: z.enum(['read', 'edit']).default('read'),
      fork: z.boolean().optional().describe('Continue a copy of session.'),
      wait_seconds: seconds,
    }),
    ({wait_seconds, ...input}, context) => waitFor(ask(input, place), waiting(wait_seconds, context)),
  )
  add(
    'wait',
    'Wait for a session of ask or compare that is still running, and get its answer.',
    z.strictObject({session: text, wait_seconds: seconds}),
    async ({session, wait_seconds}, context) => {
      const found = await find(session, place)
      return found.job ? waitFor(found.job, waiting(wait_seconds, context)) : {data: found.data}
    },
  )
  add(
    'stop',
    'Stop a session that is still running. What was said stays, and ask can continue it.',
    z.strictObject({session: text}),
    async ({session}) => {
      const found = await find(session, place)
      if (found.job) {
        found.job.stop()
        return {data: (await found.job.answer).data}
      }
      if (found.data.status !== 'running') return {data: found.data}
      const message = `Session ${session} was not begun here: only where it was begun it can be stopped.`
      throw new Failure('session', message)
    },
  )
  add(
    'compare',
    'Ask several coding agents the same, side by side, and get all answers. None of them changes anything. If status is running, call wait.',
    z.strictObject({
      prompt: text,
      agents: z.array(text).max(20).optional().describe('Default: all.'),
      directory: absolute.optional(),
      wait_seconds: seconds,
    }),
    ({wait_seconds, ...input}, context) => waitFor(compare(input, place), waiting(wait_seconds, context)),
  )
  add(
    'search',
    'Search everything that was said to and by coding agents on this machine: prompts, answers, tool calls. Use read to see more of a hit.',
    z.strictObject({
      query: text.describe('Words that must all be in a message.'),
      agent: text.optional(),
      directory: absolute.optional(),
      since,
      limit: limit(20),
    }),
    (input, {mcpReq}) => search(input, place, mcpReq.signal),
    true,
  )
  add(
    'sessions',
    'List sessions of coding agents on this machine, the last used first.',
    z.strictObject({
      agent: text.optional(),
      directory: absolute.optional(),
      status: z.enum(['active', 'paused', 'completed', 'error', 'running']).optional(),
      tag: text.optional(),
      since,
      limit: limit(20),
    }),
    (input) => sessions(input, place),
    true,
  )
  add(
    'read',
    'Read what was said in a session, message by message.',
    z.strictObject({
      session: text.describe('Id, name, or @last.'),
      from: z.int().optional().describe('Number of the first message; -1 is the last.'),
      around: z.int().optional().describe('A turn, as search gives it; -1 is the last.'),
      limit: limit(50),
      offset: z.int().min(0).optional().describe('Characters of the first message to leave out.'),
    }),
    (input, {mcpReq}) => read(input, place, mcpReq.signal),
    true,
  )
}

export interface ToolOptions {
  /** Milliseconds between two notes of what an agent does. */
  readonly interval?: number
}

/** What was asked here, or else what is known of the session. Throws a Failure where there is none. */
async function find(
  session: string,
  place: Place,
): Promise<{job: Job} | {job?: undefined; data: Answer['data']}> {
  const job = place.jobs.find(session)
  if (job) return {job}
  const {clinvk} = await place.open()
  const known = await clinvk.sessions.show(session)
  const found = place.jobs.find(known.id ?? session)
  if (found) return {job: found}
  const next = `read ${JSON.stringify({session: known.id ?? session, around: -1})}`
  return {data: {session: known.id ?? session, status: known.running ? 'running' : known.status, next}}
}

const text = z.string().min(1)
const absolute = z.string().refine(isAbsolute, 'must be absolute').describe('Absolute.')
const seconds = z.number().min(0).max(3600).default(50)
const since = text.optional().describe('2026-01-31, or 7d, 12h ago.')
const limit = (value: number) => z.int().min(1).max(200).default(value)
