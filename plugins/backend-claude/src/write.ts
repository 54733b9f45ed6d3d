import {join} from 'node:path'
import type {ConversationDraft, Files, NewRecord} from 'clinvk-contract'
import {asPrompt} from './messages.js'

/**
 * A record that claude 2.1.197 resumes: a chain of lines, each with the one before it. Of an answer without a model it
 * waits for ever, and one whose content is a text makes it crash.
 */
export function write({cwd, id, messages, title}: ConversationDraft, files: Files): Promise<NewRecord> {
  let parentUuid: string | null = null
  const lines = messages.map(({at, role, text}) => {
    const uuid = crypto.randomUUID()
    const message =
      role === 'user'
        ? {role, content: asPrompt(text)}
        : {id: `msg_${uuid}`, type: 'message', role, model: NO_MODEL, content: [{type: 'text', text}]}
    const line = {
      type: role,
      uuid,
      parentUuid,
      isSidechain: false,
      timestamp: at,
      sessionId: id,
      cwd,
      message,
    }
    parentUuid = uuid
    return JSON.stringify(line)
  })
  const [home = ''] = files.directories
  return Promise.resolve({
    id,
    path: join(home, 'projects', folderOf(cwd), `${id}.jsonl`),
    lines: [...lines, JSON.stringify({type: 'ai-title', aiTitle: title, sessionId: id})],
  })
}

/** The folder in `projects` of a directory. */
export function folderOf(directory: string): string {
  const name = directory.replaceAll(/[^a-zA-Z0-9]/g, '-')
  if (name.length <= 200) return name
  let hash = 0
  for (let index = 0; index < directory.length; index++)
    hash = ((hash << 5) - hash + directory.charCodeAt(index)) | 0
  return `${name.slice(0, 200)}-${Math.abs(hash).toString(36)}`
}

/** Of a model that claude knows, it would take the next turn for that model's, too; of any other its own default. */
export const NO_MODEL = 'unknown'
