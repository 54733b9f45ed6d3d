import type {Config} from '@oclif/core'
import {recordedAnswer, recoverTurn} from '../hooks/recover.js'
import {TAKEN_OVER} from '../turn/attempts.js'
import {isRecorded} from '../turn/restart.js'
import type {TurnResult} from '../turn/result.js'
import type {EarlierTry} from './run-task.js'
import type {PastTask} from './store/past.js'

/**
 * Looks what has become of a task that was started and did not end: its agent is ended where it still runs, an answer
 * that is whole is taken, a conversation that was begun continues. Otherwise the task starts anew.
 */
export function earlierTry(
  config: Config,
  run: string,
  {isRetried, session, startedAt = ''}: PastTask,
  notice: (message: string) => void,
): EarlierTry {
  return async (request, {context, prepared, task}) => {
    const {schema} = prepared
    const turn = await recoverTurn(config, {run, task: task.number, session})
    if (!turn) return {request}
    const {
      backend,
      backendSessionId: id,
      firstPrompt,
      result,
      sessionId,
      state,
      wasRunning,
      workingDir: cwd,
    } = turn
    // One that does not fit its schema is asked for again, as in the try that was broken off.
    const taken = async (done: TurnResult) => {
      if (!schema || done.outcome !== 'success') return done
      const {readAnswer} = await import('../turn/schema-answer.js')
      const read = readAnswer(done, schema)
      return 'result' in read ? read.result : undefined
    }
    // Of a fallback, perhaps.
    const entry = context.backends.get(backend)
    if (!entry) return {request}
    // It waited for a limit, or another agent was to take over.
    const isBetweenAttempts =
      TAKEN_OVER.has(result?.outcome ?? 'success') &&
      (prepared.limits.waitForReset !== undefined || prepared.fallback !== undefined)
    const isOver = result && result.outcome !== 'cancelled' && !isBetweenAttempts
    const ended = isRetried || !isOver ? undefined : await taken(result)
    if (ended) return {done: ended}
    const conversation = id === undefined ? undefined : {id, cwd, state}
    const answer = conversation && (await recordedAnswer(config, {backend, conversation, since: startedAt}))
    if (!isRetried && !wasRunning && answer?.content !== undefined) {
      const done = await taken({
        session_id: sessionId,
        backend,
        backend_session_id: id,
        model: answer.model,
        content: answer.content,
        outcome: 'success',
        exit_code: 0,
        duration_seconds: 0,
        denials: [],
        working_dir: cwd,
      })
      if (done) {
        notice(`${task.title} had ended: its answer is in the record of ${entry.descriptor.title}.`)
        return {done}
      }
    }
    const isResumable =
      firstPrompt !== undefined || (id !== undefined && entry.descriptor.capabilities.resume)
    if (!isResumable || request.session.kind === 'ephemeral') return {request}
    const tags = 'tags' in request.session ? request.session.tags : []
    const why = isRetried ? 'did not succeed' : 'was interrupted'
    notice(
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
}

const CONTINUE =
  'The turn before was interrupted. Continue where it stopped; what was begun may be done already.'
const AGAIN = 'The turn before did not succeed. Try again; what was begun may be done already.'
