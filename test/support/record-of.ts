import type {ConversationRecord} from 'clinvk-contract'
import {askAgent} from 'clinvk-kit/backends/ask-agent'
import {agentFiles} from 'clinvk-kit/turn/agent-files'
import {recordedTurns} from 'clinvk-kit/turn/agent-records'
import type {SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import {backendOf} from './backend-of.js'
import type {Sandbox} from './sandbox.js'

/** What a backend reads of a session's conversation, in its agent's own record. */
export async function recordOf(
  name: string,
  {env}: Sandbox,
  {backend_session_id: id, working_dir: cwd}: Pick<SessionFile, 'backend_session_id' | 'working_dir'>,
): Promise<ConversationRecord | undefined> {
  const {backend, ...descriptor} = await backendOf(name)
  const ask = askAgent({descriptor, root: ''}, {cwd, env})
  const files = agentFiles(descriptor.directories ?? [], env)
  return recordedTurns({id: id!, cwd}, {backend, files, ask})
}
