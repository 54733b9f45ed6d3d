import type {Config} from '@oclif/core'
import type {TurnEnd} from 'clinvk-kit/turn/context'

/** Hears `turn:end`: adds to the archive what the agent has written of the turn. */
export default async function turnEnd({
  config,
  result,
}: Omit<TurnEnd, 'event'> & {readonly config: Config}): Promise<void> {
  const {backend, backend_session_id: id, session_id: session, working_dir: cwd} = result
  if (!backend || !cwd || !id || !session) return
  const {archiveOne} = await import('../archive/archive-one.js')
  await archiveOne(backend, {id, cwd}, config)
}
