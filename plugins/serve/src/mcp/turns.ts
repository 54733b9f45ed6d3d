import {Failure} from 'clinvk-kit/errors/failure'
import type {RunData} from 'clinvk-kit/for-plugins/kit'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {TurnResult} from 'clinvk-kit/turn/result'
import type {Client} from '../core/turn-runner.js'
import {ANSWER_LENGTH, type Answer, beginning} from './answer.js'
import {MOST_DEPTH} from './depth.js'
import type {Job} from './jobs.js'
import type {Place} from './place.js'

export interface AskInput {
  readonly prompt: string
  readonly agent?: string
  readonly model?: string
  readonly session?: string
  readonly directory?: string
  readonly access: 'read' | 'edit'
  readonly fork?: boolean
}

/** Starts a turn. Throws a Failure where nothing of what is asked can be done. */
export function ask({access, directory, fork, session, ...asked}: AskInput, place: Place): Job {
  checkDepth(place)
  if (fork && session === undefined)
    throw new Failure('usage', 'fork copies a session: name one, or leave out fork.')
  const request = {
    prompt: asked.prompt,
    backend: asked.agent,
    model: asked.model,
    workdir: directory,
    ...RIGHTS[access],
    session:
      session === undefined
        ? ({kind: 'new', fresh: true, tags: []} as const)
        : ({kind: fork ? 'fork' : 'named', reference: session, tags: []} as const),
  }
  return place.jobs.start(async (job) => {
    const notes: string[] = []
    const {runner} = await place.open()
    return turnAnswer(await runner.prompt(request, clientOf(place, job), outputOf(job, notes)), notes)
  })
}

export interface CompareInput {
  readonly prompt: string
  readonly agents?: readonly string[]
  readonly directory?: string
}

/** Starts one turn with each agent; none of them can change anything. */
export function compare({agents = [], directory, prompt}: CompareInput, place: Place): Job {
  checkDepth(place)
  const backends = agents.length === 0 ? 'all' : agents
  const options = {...RIGHTS.read, workdir: directory}
  return place.jobs.start(async (job) => {
    const notes: string[] = []
    const {runner} = await place.open()
    const request = {kind: 'compare', prompt, backends, options} as const
    const client = clientOf(place, job)
    const run = await runner.run(request, client, ({label}) => outputOf(job, notes, label))
    return comparisonAnswer(run, notes)
  })
}

/** `default` beside `read-only`: approval that the user's settings give would contradict it. */
const RIGHTS = {
  read: {sandbox_mode: 'read-only', approval_mode: 'default'},
  edit: {approval_mode: 'auto'},
} as const

function checkDepth(place: Place): void {
  if (place.depth() < MOST_DEPTH) return
  throw new Failure(
    'refused',
    `You run inside ${MOST_DEPTH} turns of clinvk already, each asked for by another agent, and cannot ask for one more.`,
    ['Do it yourself, or answer that you cannot.'],
  )
}

function clientOf(place: Place, {stopped}: Job): Client {
  return {...place.client, gone: stopped, depth: place.depth()}
}

/** Notes what the agent does now. `label`: the one of several tasks. */
function outputOf(job: Job, notes: string[], label?: string): TurnOutput {
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
    notice: (message) => void notes.push(message),
    done: () => undefined,
  }
}

function turnAnswer(turn: TurnResult, notes: readonly string[]): Answer {
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
      notes: notes.length === 0 ? undefined : notes,
    },
    isError: outcome !== 'success',
  }
}

function comparisonAnswer({results = [], run_id: run}: RunData, notes: readonly string[]): Answer {
  const all = results as readonly Readonly<Record<string, unknown>>[]
  const length = Math.floor(ANSWER_LENGTH / Math.max(1, all.length))
  return {
    data: {
      run,
      status: 'success',
      answers: all.map(({backend, error, hints, outcome, output, session_id: session}) => ({
        agent: backend,
        session,
        status: outcome,
        ...cutAnswer(typeof output === 'string' ? output : '', session, length),
        error,
        hints,
      })),
      notes: notes.length === 0 ? undefined : notes,
    },
    isError: all.length > 0 && all.every(({outcome}) => outcome !== 'success'),
  }
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
