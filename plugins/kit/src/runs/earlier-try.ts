import type {Config} from '@oclif/core'
import {recordedAnswer, recoverTurn} from '../hooks/recover.js'
import {isRecorded} from '../turn/agent-records.js'
import {TAKEN_OVER} from '../turn/attempts.js'
import type {PreparedTurn} from '../turn/prepare.js'
import type {TurnRequest} from '../turn/request.js'
import type {TurnResult} from '../turn/result.js'
import type {ReadyTask} from './prepare-tasks.js'
import type {RunView} from './result.js'
import type {PastTask} from './store/past.js'

/** A task that was started before has ended, or is sent so. */
export type EarlierTry = {readonly request: TurnRequest} | {readonly done: TurnResult}

/**
 * Looks what has become of a task that was started and did not end: its agent is ended where it still runs, an answer
 * that is whole is taken, a conversation that was begun continues. Otherwise the task starts anew.
 */
export async function earlierTry(
  request: TurnRequest,
  {before, context, prepared, task}: ReadyTask & {readonly before: PastTask},
  {config, run, view}: {readonly config: Config; readonly run: string; readonly view: RunView},
): Promise<EarlierTry> {
  const {isRetried, session, startedAt = ''} = before
  const turn = await recoverTurn(config, {run, task: task.number, session})
  // Of a fallback, perhaps.
  const entry = turn && context.backends.get(turn.backend)
  if (!entry) return {request}
  const {backend, backendSessionId: id, firstPrompt, result, sessionId, state, workingDir: cwd} = turn
  // It waited for a limit, or another agent was to take over.
  const isBetweenAttempts =
    TAKEN_OVER.has(result?.outcome ?? 'success') &&
    (prepared.limits.waitForReset !== undefined || prepared.fallback !== undefined)
  if (result && !isRetried && result.outcome !== 'cancelled' && !isBetweenAttempts) {
    const done = await validAnswer(result, prepared)
    if (done) return {done}
  }
  const conversation = id === undefined ? undefined : {id, cwd, state}
  const answer = conversation && (await recordedAnswer(config, {backend, conversation, since: startedAt}))
  if (!isRetried && !turn.wasRunning && answer?.content !== undefined) {
    const {content, model} = answer
    const ids = {session_id: sessionId, backend, backend_session_id: id}
    const end = {outcome: 'success' as const, exit_code: 0, duration_seconds: 0, denials: []}
    const done = await validAnswer({...ids, model, content, ...end, working_dir: cwd}, prepared)
    if (done) {
      view.notice(`${task.title} had ended: its answer is in the record of ${entry.descriptor.title}.`)
      return {done}
    }
  }
  const isResumable = firstPrompt !== undefined || (id !== undefined && entry.descriptor.capabilities.resume)
  if (!isResumable || request.session.kind === 'ephemeral') return {request}
  const tags = 'tags' in request.session ? request.session.tags : []
  const why = isRetried ? 'did not succeed' : 'was interrupted'
  view.notice(
    `${task.title} ${why}: session ${sessionId.slice(0, 8)} continues. A tool that it ran may run twice.`,
  )
  // Where the agent has not recorded the first prompt, the kit sends that again.
  const isSentAgain =
    firstPrompt === 'kept' && (!conversation || (await isRecorded(entry, conversation, context)) === false)
  const isAsked = isSentAgain || answer !== undefined
  const sentence = isRetried ? AGAIN : CONTINUE
  return {
    request: {
      ...request,
      prompt: isAsked ? sentence : `${sentence}\n\n${request.prompt}`,
      session: {kind: 'named', reference: sessionId, tags, restart: true},
      // The session has its own.
      workdir: undefined,
      backend,
      model: backend === prepared.entry.name ? request.model : undefined,
    },
  }
}

/** An answer that does not fit its schema is asked for again, as in the try that was broken off: undefined. */
async function validAnswer(done: TurnResult, {schema}: PreparedTurn): Promise<TurnResult | undefined> {
  if (!schema || done.outcome !== 'success') return done
  const {readAnswer} = await import('../turn/schema-answer.js')
  const read = readAnswer(done, schema)
  return 'result' in read ? read.result : undefined
}

const CONTINUE =
  'The turn before was interrupted. Continue where it stopped; what was begun may be done already.'
const AGAIN = 'The turn before did not succeed. Try again; what was begun may be done already.'
