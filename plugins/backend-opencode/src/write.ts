import {parseLine} from 'clinvk-backend-sdk'
import type {Ask, ConversationDraft, Files, NewRecord} from 'clinvk-contract'
import {OFFLINE, query} from './database.js'

/** A session that `opencode import` (1.18.33) takes: every message must have all that is given here. */
export async function write(
  {cwd, id: uuid, messages, model, title}: ConversationDraft,
  _files: Files,
  ask: Ask,
): Promise<NewRecord> {
  const used = modelOf(model ?? (await defaultModel(ask)))
  if (!used) throw new Error('opencode has no default model. Name one: --model provider/model')
  const id = `ses_${uuid.replaceAll('-', '')}`
  const now = Date.now()
  const path = {cwd, root: '/'}
  const cache = {read: 0, write: 0}
  const tokens = {input: 0, output: 0, reasoning: 0, cache}
  const records = messages.map(({at, role, text}, index) => {
    // opencode answers only to a prompt whose id comes after that of the last answer.
    const name = (index: number) => sortable(now - messages.length + index)
    const created = Date.parse(at)
    const info = {id: `msg_${name(index)}`, sessionID: id, role, agent: 'build'}
    const answer = {
      parentID: `msg_${name(index - 1)}`,
      ...used,
      mode: 'build',
      path,
      cost: 0,
      tokens,
      finish: 'stop',
    }
    const about =
      role === 'user'
        ? {...info, time: {created}, model: used}
        : {...info, time: {created, completed: created}, ...answer}
    const part = {id: `prt_${name(index)}`, sessionID: id, messageID: info.id, type: 'text', text}
    return {info: about, parts: [part]}
  })
  const time = {created: now, updated: now}
  const info = {id, slug: id.slice(4, 16), directory: cwd, title, version: VERSION, time}
  return {id, lines: [JSON.stringify({info, messages: records})]}
}

/**
 * What opencode would take for a new session, `provider/model`; undefined where only opencode itself knows that. A session
 * continues with the model of its last prompt, and without one it is not imported.
 */
async function defaultModel(ask: Ask): Promise<string | undefined> {
  const answer = await ask({args: ['debug', 'config'], env: OFFLINE})
  const configured = parseLine(answer?.stdout ?? '', {model: ''})?.model
  if (configured !== undefined) return configured
  const [last] = (await query(ask, LAST_MODEL, {model: ''})) ?? []
  return last?.model
}

function modelOf(model = ''): {providerID: string; modelID: string} | undefined {
  const [, providerID, modelID] = /^([^/]+)\/(.+)$/s.exec(model) ?? []
  return providerID === undefined || modelID === undefined ? undefined : {providerID, modelID}
}

/** As opencode begins its ids: they sort by time, in milliseconds. */
function sortable(time: number): string {
  return `${BigInt.asUintN(48, BigInt(time) * 4096n)
    .toString(16)
    .padStart(12, '0')}${'0'.repeat(14)}`
}

const VERSION = '1.18.33'
const LAST_MODEL = `
select (data ->> '$.model.providerID') || '/' || (data ->> '$.model.modelID') as model
from message where data ->> 'role' = 'user' order by time_created desc limit 1
`
