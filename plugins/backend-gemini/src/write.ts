import {dirname, join} from 'node:path'
import {parseLine} from 'clinvk-backend-sdk'
import type {ConversationDraft, Files, NewRecord, RecordedConversation} from 'clinvk-contract'
import {filledFiles} from './conversation.js'
import {folderOf, sha256} from './folders.js'
import {asSaid} from './messages.js'

/** A record that gemini 0.61.0 resumes. Its own clean-up goes by `lastUpdated`, so that is the time of writing. */
export async function write({cwd, id, messages, title}: ConversationDraft, files: Files): Promise<NewRecord> {
  const now = new Date()
  const times = {startTime: messages[0]?.at ?? now, lastUpdated: now}
  const header = {sessionId: id, projectHash: sha256(cwd), ...times, kind: 'main', summary: title}
  const said = messages.map(({at, role, text}) => {
    const message = {id: crypto.randomUUID(), timestamp: at}
    return role === 'user'
      ? {...message, type: 'user', content: [{text: asSaid(text)}]}
      : {...message, type: 'gemini', content: asSaid(text)}
  })
  const [tmp = ''] = files.directories
  const path = pathIn(await folderOf(cwd, tmp, files), id, now)
  return {id, path, lines: [header, ...said].map((line) => safe(JSON.stringify(line)))}
}

/** The main file alone: those of sub-agents are not read to resume. One in the older form becomes a line. */
export async function copy(
  {about = {}, id: from, paths: [first = '']}: RecordedConversation,
  id: string,
  files: Files,
): Promise<NewRecord> {
  const [{path: source} = {path: first}] = await filledFiles(from, files)
  const now = new Date()
  const folder = dirname(dirname(source))
  const target = about.cwd === undefined ? folder : await folderOf(about.cwd, dirname(folder), files)
  return {id, path: pathIn(target, id, now), lines: copied()}

  async function* copied(): AsyncGenerator<string> {
    const whole = source.endsWith('.json') ? parseLine(await files.read(source), {}) : undefined
    if (whole) yield safe(JSON.stringify({...whole, sessionId: id}))
    else for await (const line of files.lines(source)) yield safe(withId(line, from, id))
    yield renewal(now)
  }
}

/** Without it, a conversation that nothing was added to for long is deleted at the next start. */
export function renewal(now: Date): string {
  return JSON.stringify({$set: {lastUpdated: now}})
}

function withId(line: string, from: string, id: string): string {
  if (!line.includes(from)) return line
  const value = parseLine(line, {sessionId: '', $set: {sessionId: ''}}) ?? {}
  if (value.$set?.sessionId === from) return JSON.stringify({...value, $set: {...value.$set, sessionId: id}})
  return value.sessionId === from ? JSON.stringify({...value, sessionId: id}) : line
}

/** Named by the present minute: else gemini makes a second file, which its clean-up would take both for. */
function pathIn(folder: string, id: string, now: Date): string {
  const minute = now.toISOString().slice(0, 16).replace(':', '-')
  return join(folder, 'chats', `session-${minute}-${id.slice(0, 8)}.jsonl`)
}

/** Gemini takes these characters for ends of lines, also within a text. */
function safe(line: string): string {
  return line.replaceAll('\u2028', String.raw`\u2028`).replaceAll('\u2029', String.raw`\u2029`)
}
