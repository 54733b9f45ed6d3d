import type {Config} from '@oclif/core'
import {Failure} from 'clinvk-kit/errors/failure'
import {counted, formatNumber} from 'clinvk-kit/format/text'
import {randomUuid} from 'clinvk-kit/format/random-id'
import {loadSettings} from 'clinvk-kit/settings/load'
import type {HandOff, HandOffQuestion} from 'clinvk-kit/turn/context'
import {SessionStore} from 'clinvk-plugin-sessions/store/store'
import {titleOf} from 'clinvk-plugin-sessions/view/labels'
import {type Carried, carry, textOf} from '../handoff/carry.js'
import {copyOf} from '../handoff/copy.js'
import {WrittenRecord} from '../handoff/written-record.js'
import {type HistoryContext, historyContext, readTurns} from '../transcript/read-turns.js'
import {recordAccess} from '../transcript/record-access.js'

type Question = HandOffQuestion & {readonly config: Config}

/** Answers `history:handoff`. Throws a Failure where nothing can be carried. */
export default async function handOff(question: Question): Promise<HandOff> {
  const {backend, config, from, isCopy, model, promptRoom} = question
  const context = await historyContext(config)
  const {env} = context
  const entry = context.backends.get(backend)!
  const {workingDir: cwd} = from
  const place = {cwd, env}
  const access = await recordAccess(entry, place)
  if (isCopy) {
    const copy = await copyOf(from, entry, env)
    if (copy) return copy
  }

  const {handoff} = await loadSettings({cwd, env})
  const {limits: {contextTokens = Infinity} = {}} = entry.descriptor
  const room = access?.history.write ? contextTokens : Math.min(contextTokens, Math.floor(promptRoom / 4))
  const carried = await carriedFrom(question, Math.min(handoff.max_tokens, room), context)
  const about = {from: from.backend, to: backend, messages: carried.total, tokens: carried.tokens}
  const counts = {...about, carried: carried.messages.length}
  if (!access?.history.write)
    return {
      text: textOf(carried.messages),
      ...sentences(carried, question, {isText: true}),
      about: counts,
      write: () => Promise.resolve(),
      remove: () => Promise.resolve(),
    }
  const session = new SessionStore(env).get(from.sessionId)
  const draft = {
    id: randomUuid(),
    cwd,
    title: session ? titleOf(session) : 'Continued',
    model,
    messages: carried.messages,
  }
  const record = await access.history.write(draft, access.files, access.ask)
  const written = new WrittenRecord(record, access, entry, place)
  return {
    conversation: {id: record.id, state: record.state},
    ...sentences(carried, question, record),
    about: {...counts, path: record.path},
    write: () => written.write(carried.messages),
    remove: () => written.remove(),
  }
}

async function carriedFrom({from}: Question, maxTokens: number, context: HistoryContext): Promise<Carried> {
  const {at, sessionId} = from
  const session = new SessionStore(context.env).get(sessionId)
  // One that an agent had without clinvk becomes a session only when the turn starts.
  const {backend, backendSessionId: native = '', workingDir: cwd} = from
  const subject = session ? {session} : {conversation: {backend, id: native, cwd}}
  const turns = readTurns(subject, context)
  const carried = await carry(turns, {at, maxTokens})
  const id = sessionId.slice(0, 8)
  if (at !== undefined && carried.turns < at)
    throw new Failure(
      'usage',
      `Session ${id} has ${counted(carried.turns, 'turn')}, so there is no turn ${at}.`,
      [`What they are: clinvk sessions log ${id}`],
    )
  if (carried.messages.length > 0) return carried
  throw new Failure(
    'session',
    `Nothing that was said in session ${id} is recorded, so nothing can be carried over.`,
  )
}

/** What was carried, and what would be: only that says where it is written. */
function sentences(
  {cut, messages, tokens, total}: Carried,
  {backend, from}: Question,
  {isText, path}: {readonly isText?: boolean; readonly path?: string},
) {
  const left = total - messages.length
  const which = left === 0 ? String(messages.length) : `${messages.length} of ${total}`
  const how = isText ? ', as text in front of the prompt' : ''
  const what = `${which} messages from ${from.backend} to ${backend} (about ${formatNumber(tokens)} tokens)${how}`
  const older = left === 1 ? '1 older one' : `${left} older ones`
  const omitted = (one: string, many: string) =>
    [
      left > 0 ? `; ${older} ${left === 1 ? one : many} left out` : '',
      cut > 0 ? `; ${formatNumber(cut)} characters ${many} cut out of the last turn` : '',
    ].join('')
  const where = path === undefined ? ", by the agent's own import" : ` to ${path}`
  return {
    notice: `Carried ${what}${omitted('was', 'were')}.`,
    preview: `Would carry ${what}${isText ? '' : where}${omitted('would be', 'would be')}`,
  }
}
