import type {Json} from 'clinvk-contract'
import {exitCode, isFailure} from '../errors/failure.js'
import {type AnswerSchema, inWords} from './answer-schema.js'
import type {TurnOutput} from './context.js'
import {heldOutput} from './held-output.js'
import {jsonIn} from './json-in-text.js'
import {prepareTurn, type PreparedTurn} from './prepare.js'
import type {TurnResult} from './result.js'
import {addUsage} from './usage.js'

/**
 * Sends a prompt until its answer fits its schema: once, and twice more in the same session, saying what was wrong. The
 * output gets the JSON as the only text; tokens, time and denials are of all turns together.
 */
export async function answerBySchema(
  prepared: PreparedTurn,
  schema: AnswerSchema,
  send: (prepared: PreparedTurn) => Promise<TurnResult>,
): Promise<TurnResult> {
  const {output} = prepared.context
  const silent = {...prepared, context: {...prepared.context, output: withoutAnswers(output)}}
  const result = await answer(silent, schema, send)
  if (result.outcome === 'success') await output.event({type: 'text', text: result.content})
  await output.done(result)
  return result
}

async function answer(
  prepared: PreparedTurn,
  schema: AnswerSchema,
  send: (prepared: PreparedTurn) => Promise<TurnResult>,
): Promise<TurnResult> {
  let result = await send(prepared)
  for (let repairs = 1; ; repairs++) {
    if (result.outcome !== 'success') return result
    const read = readAnswer(result, schema)
    if ('result' in read) return read.result
    const {problems} = read
    const isOver = repairs > MOST_REPAIRS || result.session_id === undefined || result.session_saved === false
    if (isOver) return misfit(result, problems)
    const count = `${repairs} of ${MOST_REPAIRS}`
    prepared.context.output.notice(
      `The answer does not fit the schema: ${problems[0]}. It is asked for again (${count}).`,
    )
    try {
      result = sum(result, await send(await repair(prepared, schema, result, problems)))
    } catch (error) {
      // Another clinvk has taken the session meanwhile.
      if (!isFailure(error)) throw error
      return misfit(result, [...problems, error.message])
    }
  }
}

/** Of the turns of one prompt all is shown but what they answer, and their ends. */
function withoutAnswers(output: TurnOutput): TurnOutput {
  const held = heldOutput(output)
  let started: string | undefined
  return {
    ...held,
    needsContent: true,
    raw: undefined,
    start(turn) {
      const which = `${turn.backend} ${turn.sessionId}`
      if (which !== started) held.start(turn)
      started = which
    },
    event: (event) => (event.type === 'text' ? undefined : held.event(event)),
  }
}

/** The next turn of the session, which says what was wrong. Throws a Failure where the session cannot be resumed. */
function repair(
  {context, entry, request}: PreparedTurn,
  schema: AnswerSchema,
  {backend, session_id: reference = ''}: TurnResult,
  problems: readonly string[],
): Promise<PreparedTurn> {
  const wrong = problems.map((problem) => `- ${problem}\n`).join('')
  const again = {
    ...request,
    prompt: `Your answer does not fit the JSON Schema that was asked for:\n${wrong}\n${inWords(schema)}`,
    schema: schema.value,
    session: {kind: 'named', reference, tags: []},
    // The session knows both.
    backend: undefined,
    workdir: undefined,
    fallback: [],
    // Another agent may have answered, which has models of its own.
    model: backend === entry.name ? request.model : undefined,
  } as const
  return prepareTurn(again, context)
}

/** The result with the value in its answer that fits; else what is wrong with the one that most likely was meant to. */
export function readAnswer(
  result: TurnResult,
  schema: AnswerSchema,
): {result: TurnResult} | {problems: string[]} {
  const {content} = result
  let first: string[] | undefined
  for (const value of jsonIn(content)) {
    const problems = schema.problems(value)
    if (problems.length === 0) {
      const structured = value as Json
      return {result: {...result, content: JSON.stringify(structured, undefined, 2), structured}}
    }
    first ??= problems
  }
  return {problems: first ?? [content.trim() === '' ? 'it is empty' : 'there is no JSON in it']}
}

function misfit(result: TurnResult, [first, ...others]: readonly string[]): TurnResult {
  const {session_id: session} = result
  const next =
    session === undefined
      ? 'With a session it would have been asked for again: leave out --ephemeral.'
      : `The session is kept. Resume it: clinvk resume ${session.slice(0, 8)} "…"`
  const message = `The answer does not fit the schema: ${first}.`
  const error = {kind: 'schema', message, hints: [...others, next]} as const
  return {...result, outcome: 'schema', error, exit_code: exitCode('schema')}
}

/** The last result, with what all have used. */
function sum(all: TurnResult, next: TurnResult): TurnResult {
  return {
    ...next,
    duration_seconds: all.duration_seconds + next.duration_seconds,
    usage: all.usage || next.usage ? addUsage(all.usage, next.usage) : undefined,
    cost: Math.round(((all.cost ?? 0) + (next.cost ?? 0)) * 1e6) / 1e6 || undefined,
    denials: [...all.denials, ...next.denials],
    attempts: all.attempts || next.attempts ? [...(all.attempts ?? []), ...(next.attempts ?? [])] : undefined,
  }
}

const MOST_REPAIRS = 2
