import type {Config} from '@oclif/core'
import {ioOf} from 'clinvk-kit/command'
import {exitCode, Failure} from 'clinvk-kit/errors/failure'
import {readText} from 'clinvk-kit/files/read-file'
import {isRecord, parseRecord} from 'clinvk-kit/format/is-record'
import type {RecoveredTurn, RecoverQuestion} from 'clinvk-kit/hooks/recover'
import {isAlive} from 'clinvk-kit/process/identity'
import {endOrphanedAgent} from 'clinvk-kit/process/stop-agent'
import type {TurnError, TurnResult} from 'clinvk-kit/turn/result'
import {clearRunning, conversationOf} from '../lifecycle/turn-record.js'
import {type SessionFile, shortId} from '../store/session-file.js'
import {refuseRunning} from '../lifecycle/refuse.js'
import {SessionStore} from '../store/store.js'

/** Answers `session:recover`. Throws a Failure where the session is still used, or its agent cannot be ended. */
export default async function recover({
  config,
  run,
  session: id,
  task,
}: RecoverQuestion & {readonly config: Config}): Promise<RecoveredTurn | undefined> {
  const store = new SessionStore(ioOf(config).env)
  const ofTask = () => store.list({run}).sessions.find((session) => session.run?.task === task)
  const session = (id === undefined ? undefined : store.get(id)) ?? ofTask()
  if (!session) return undefined
  const {agent} = session.running ?? {}
  const wasRunning = isAlive(agent)
  if (agent && !(await endOrphanedAgent(agent))) {
    const message = `Process ${agent.pid} of session ${shortId(session)} could not be ended.`
    throw new Failure('session', message, [`Look at it: ps -p ${agent.pid}`])
  }
  refuseRunning(session, 'Wait until it has finished.')
  await clearRunning(store, session)
  return {
    sessionId: session.id,
    ...conversationOf(session),
    wasRunning,
    firstPrompt: session.unconfirmed && (store.transcripts.readPrompt(session.id) ? 'kept' : 'lost'),
    result: lastResult(session, store.transcripts.path(session.id)),
  }
}

/** Of the last turn of a transcript; undefined where it has no end. */
function lastResult(
  {backend, backend_session_id, id, working_dir}: SessionFile,
  path: string,
): TurnResult | undefined {
  let lines: Record<string, unknown>[]
  try {
    lines = readText(path)
      .split('\n')
      .map(parseRecord)
      .filter((line) => line !== undefined)
  } catch {
    return undefined
  }
  const begin = lines.findLastIndex(({type}) => type === 'turn')
  const rest = lines.slice(begin + 1)
  const done = rest.find(({type}) => type === 'done')
  if (begin === -1 || typeof done?.outcome !== 'string') return undefined
  const error = isRecord(done.error) ? (done.error as unknown as TurnError) : undefined
  return {
    session_id: id,
    backend,
    backend_session_id,
    model: typeof done.model === 'string' ? done.model : undefined,
    content: rest
      .flatMap(({text, type}) => (type === 'text' && typeof text === 'string' ? [text] : []))
      .join(''),
    outcome: done.outcome as TurnResult['outcome'],
    error,
    exit_code: error ? exitCode(error.kind) : 0,
    duration_seconds: (Date.parse(String(done.time)) - Date.parse(String(lines[begin]!.time))) / 1000 || 0,
    usage: isRecord(done.usage) ? done.usage : undefined,
    denials: Array.isArray(done.denials) ? (done.denials as TurnResult['denials']) : [],
    working_dir,
  }
}
