import {Failure} from 'clinvk-kit/errors/failure'
import type {RunData} from 'clinvk-kit/for-plugins/kit'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {TurnResult} from 'clinvk-kit/turn/result'
import * as z from 'zod'
import type {Client, TurnRunner} from '../core/turn-runner.js'
import {MOST_DEPTH} from './depth.js'
import type {Job} from './jobs.js'
import type {ToolContext} from './tool-context.js'
import {ANSWER_LENGTH, beginning, directory, seconds, text, tool, type ToolAnswer} from './tool.js'
import {waitFor} from './wait.js'

export const ask = tool({
  name: 'ask',
  description:
    'Ask another coding agent (claude, codex, gemini, opencode, …) and get its answer. Begins a session, or continues one. With access read, the default, it changes nothing; with edit it edits files. If status is running, call wait.',
  input: z.strictObject({
    prompt: text,
    agent: text.optional().describe("Default: the user's."),
    model: text.optional().describe('Or fast, balanced, best.'),
    session: text.optional().describe('Continue this one.'),
    directory,
    access: z.enum(['read', 'edit']).default('read'),
    fork: z.boolean().optional().describe('Continue a copy of session.'),
    wait_seconds: seconds,
  }),
  async run({access, agent, directory, fork, model, prompt, session, wait_seconds}, context, call) {
    if (fork && session === undefined)
      throw new Failure('usage', 'fork copies a session: name one, or leave out fork.')
    const request = {
      prompt,
      backend: agent,
      model,
      workdir: directory,
      ...RIGHTS[access],
      session:
        session === undefined
          ? ({kind: 'new', fresh: true, tags: []} as const)
          : ({kind: fork ? 'fork' : 'named', reference: session, tags: []} as const),
    }
    const job = start(context, async (runner, client, job) =>
      turnAnswer(await runner.prompt(request, client, outputOf(job)), job),
    )
    return waitFor(job, wait_seconds, context, call)
  },
})

/** None of the agents can change anything. */
export const compare = tool({
  name: 'compare',
  description:
    'Ask several coding agents the same, side by side, and get all answers. None of them changes anything. If status is running, call wait.',
  input: z.strictObject({
    prompt: text,
    agents: z.array(text).max(20).optional().describe('Default: all.'),
    directory,
    wait_seconds: seconds,
  }),
  async run({agents = [], directory, prompt, wait_seconds}, context, call) {
    const backends = agents.length === 0 ? 'all' : agents
    const options = {...RIGHTS.read, workdir: directory}
    const request = {kind: 'compare', prompt, backends, options} as const
    const job = start(context, async (runner, client, job) =>
      comparisonAnswer(await runner.run(request, client, ({label}) => outputOf(job, label)), job),
    )
    return waitFor(job, wait_seconds, context, call)
  },
})

/** `default` beside `read-only`: approval that the user's settings give would contradict it. */
const RIGHTS = {
  read: {sandbox_mode: 'read-only', approval_mode: 'default'},
  edit: {approval_mode: 'auto'},
} as const

function start(
  {client, depth, jobs, open}: ToolContext,
  work: (runner: TurnRunner, client: Client, job: Job) => Promise<ToolAnswer>,
): Job {
  if (depth >= MOST_DEPTH)
    throw new Failure(
      'refused',
      `You run inside ${MOST_DEPTH} turns of clinvk already, each asked for by another agent, and cannot ask for one more.`,
      ['Do it yourself, or answer that you cannot.'],
    )
  return jobs.start(async (job) => {
    const {runner} = await open()
    return work(runner, {...client, gone: job.stopped, depth}, job)
  })
}

/** Notes what the agent does now. `label`: the one of several tasks. */
function outputOf(job: Job, label?: string): TurnOutput {
  let who = label ?? 'the agent'
  const doing = (what: string) => job.doing(`${who}: ${what}`)
  return {
    needsContent: true,
    start({backend, sessionId}) {
      who = label ?? backend
      if (label === undefined) job.session = sessionId
      doing('thinks')
    },
    event(event) {
      if (event.type === 'tool_call') doing([event.name, event.target].filter(Boolean).join(' '))
      else if (event.type === 'text') doing('answers')
      else if (event.type === 'tool_result' || event.type === 'reasoning') doing('thinks')
      else if (event.type === 'retry') doing(`tries again: ${event.message}`)
    },
    waiting(until) {
      doing(until === undefined ? 'thinks' : `waits for a rate limit until ${new Date(until).toISOString()}`)
    },
    notice: (message) => void (job.notes ??= []).push(message),
    done: () => undefined,
  }
}

function turnAnswer(turn: TurnResult, {notes}: Job): ToolAnswer {
  const {backend, denials, error, outcome, session_id: session, usage, working_dir} = turn
  return {
    data: {
      session,
      agent: backend,
      status: outcome,
      ...cutAnswer(turn.content, session, ANSWER_LENGTH),
      error: error?.message,
      hints: error?.hints,
      resets_at: error?.resets_at,
      denials: denials.length === 0 ? undefined : denials,
      usage,
      directory: working_dir,
      notes,
    },
    isError: outcome !== 'success',
  }
}

function comparisonAnswer({results = [], run_id: run}: RunData, {notes}: Job): ToolAnswer {
  const all = results as readonly Readonly<Record<string, unknown>>[]
  const length = Math.floor(ANSWER_LENGTH / Math.max(1, all.length))
  const answers = all.map(({backend: agent, error, hints, outcome: status, output, session_id: session}) => {
    const answer = cutAnswer(typeof output === 'string' ? output : '', session, length)
    return {agent, session, status, ...answer, error, hints}
  })
  const isError = all.length > 0 && all.every(({outcome}) => outcome !== 'success')
  return {data: {run, status: 'success', answers, notes}, isError}
}

function cutAnswer(content: string, session: unknown, length: number) {
  const answer = beginning(content, length)
  if (answer === content) return {answer}
  const left = content.length - answer.length
  const more =
    session === undefined
      ? 'nothing keeps it'
      : `read ${JSON.stringify({session, around: -1})} shows it whole`
  return {answer, more: `${left} more characters: ${more}.`}
}
