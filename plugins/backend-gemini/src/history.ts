import {basename, dirname, join} from 'node:path'
import {grouped, interleaved, parseLine, timeOf} from 'clinvk-backend-sdk'
import type {ConversationAbout, Files, History, TranscriptEntry, TranscriptMessage} from 'clinvk-contract'
import {toolTarget} from './denial.js'
import {directoryOf, readIfThere} from './folders.js'
import {AGREED, OWN_WORDS, saidOf} from './messages.js'
import {isSaid, mayBeOf, StoredFile, type StoredMessage} from './stored-messages.js'
import {copy, renewal, write} from './write.js'

/** What Gemini CLI 0.61 has written down: a file for each start in another minute, and one for each sub-agent. */
export const history: History = {
  async conversations(files, _ask, only) {
    const paths = [...(await files.list())]
    const found = new Map<string, {paths: string[]; about: ConversationAbout}>()
    const directories = new Map<string, string | undefined>()
    for (const path of paths.filter((path) => isMain(path, only?.id)).sort(byName)) {
      const {id, startedAt} = await headerOf(path, files)
      if (id === undefined || (only && id !== only.id)) continue
      const folder = dirname(dirname(path))
      if (!directories.has(folder)) directories.set(folder, await directoryOf(folder, files))
      const {about, paths: before} = found.get(id) ?? {about: {startedAt}, paths: []}
      // One that was moved has a file in several folders.
      const cwd = directories.get(folder)
      const isAskedFor = only !== undefined && cwd === only.cwd
      found.set(id, {paths: [...before, path], about: {...about, cwd: isAskedFor ? cwd : (about.cwd ?? cwd)}})
    }

    const subAgents = grouped(paths.sort(), (path) =>
      path.endsWith('.jsonl') && basename(dirname(dirname(path))) === 'chats'
        ? basename(dirname(path))
        : undefined,
    )
    return [...found].map(([id, {about, paths: own}]) => ({
      id,
      paths: [...own, ...(subAgents.get(id) ?? [])],
      about,
    }))
  },

  async *transcript({paths}, files) {
    const isOwn = (path: string) => basename(dirname(path)) === 'chats'
    const own = paths.filter((path) => isOwn(path)).map((path) => new StoredFile(path, files))
    const subAgents = paths
      .filter((path) => !isOwn(path))
      .map((path) => () => saidIn([new StoredFile(path, files)], basename(path, '.jsonl')))
    const told = new Set<string>()
    for await (const said of interleaved(saidIn(own), subAgents, ({at}) => at))
      for (const [id, entry] of entriesOf(said))
        if (!told.has(id)) {
          told.add(id)
          yield entry
        }

    yield {type: 'about', about: await aboutOf(own, files)}
  },

  async deletedAt({paths: [path]}, files) {
    const age = path === undefined ? undefined : await maxAge(path, files)
    if (path === undefined || age === undefined) return undefined
    const {updatedAt} = await new StoredFile(path, files).read()
    return updatedAt === undefined ? undefined : timeOf(Date.parse(updatedAt) + age)
  },

  renewal: (now) => `${renewal(now)}\n`,
  write,
  copy,
}

interface Said {
  readonly message: StoredMessage
  /** ISO 8601. */
  readonly at: string
  readonly subAgent?: string
}

function isMain(path: string, id: string | undefined): boolean {
  return id === undefined
    ? basename(dirname(path)) === 'chats' && /^session-.*\.jsonl?$/.test(basename(path))
    : mayBeOf(path, id)
}

/** Names begin with the minute, and may be the same in several folders. */
function byName(a: string, b: string): number {
  const [first, second] = basename(a) === basename(b) ? [a, b] : [basename(a), basename(b)]
  return first < second ? -1 : 1
}

/** Its name has only a part of the id; the whole one stands in the first line, or near the beginning. */
async function headerOf(path: string, files: Files): Promise<{id?: string; startedAt?: string}> {
  let count = 0
  for await (const line of files.lines(path)) {
    const {sessionId, startTime} = parseLine(line, {sessionId: '', startTime: null}) ?? {}
    const id = sessionId ?? /^\s*"sessionId":\s*"([^"]*)",?$/.exec(line)?.[1]
    if (id !== undefined) return ID.test(id) ? {id, startedAt: timeOf(startTime)} : {}
    if (++count === HEADER_LINES) break
  }

  return {}
}

async function* saidIn(stored: readonly StoredFile[], subAgent?: string): AsyncGenerator<Said> {
  let at: string | undefined
  for (const file of stored)
    for await (const message of file.messages()) {
      at = message.timestamp ?? at ?? file.startedAt ?? UNKNOWN_TIME
      yield {message, at, subAgent}
    }
}

async function aboutOf(stored: readonly StoredFile[], files: Files): Promise<ConversationAbout> {
  // One that was moved to another directory has a file in both.
  const [latest] = [...stored].sort((a, b) => ((a.updatedAt ?? '') < (b.updatedAt ?? '') ? 1 : -1))
  return {
    title: stored.findLast(({title}) => title !== undefined)?.title,
    cwd: latest && (await directoryOf(dirname(dirname(latest.path)), files)),
    startedAt: stored.find(({startedAt}) => startedAt !== undefined)?.startedAt,
    updatedAt: latest?.updatedAt,
    // What was lost is no more, once there is something to resume.
    state: stored.some(({isEmpty}) => !isEmpty) ? null : undefined,
  }
}

/** What a message says and has cost, each with an id of its own. */
function* entriesOf({at, message, subAgent}: Said): Generator<[id: string, entry: TranscriptEntry]> {
  for (const entry of messagesOf(message, at, subAgent)) yield [entry.id, entry]
  // A tool call is written only when the tool has ended, so no message says that the turn has.
  const {id, model, tokens} = message
  if (!tokens) return
  const {cached: cachedTokens, input: inputTokens, output: outputTokens, reasoning: reasoningTokens} = tokens
  const counts = {inputTokens, cachedTokens, outputTokens, reasoningTokens}
  yield [`${id}/cost`, {type: 'call', id, at, model, subAgent, ...counts}]
}

function* messagesOf(
  message: StoredMessage,
  at: string,
  subAgent: string | undefined,
): Generator<TranscriptMessage> {
  const {calls, id, model, results, text, thoughts, type} = message
  const details = {at, model, subAgent}
  const assistant = {...details, role: 'assistant'} as const
  if (type === 'gemini') {
    if (thoughts.length > 0)
      yield {...assistant, type: 'reasoning', id: `${id}/thoughts`, text: thoughts.join('\n\n')}
    if (text !== '' && text !== AGREED) yield {...assistant, type: 'text', id, text: saidOf(text)}
    for (const {id: callId, input, name} of calls)
      yield {
        ...{...assistant, type: 'tool_call', id: `${id}/${callId}`, callId, name},
        ...{input, target: toolTarget(input)},
      }
  } else if (subAgent === undefined && results.length === 0 && isSaid(message) && !OWN_WORDS.test(text))
    yield {...details, type: 'text', role: 'user', id, text: saidOf(text)}

  // They stand with the call and in the message after it, and again after each resume.
  for (const result of [...calls.flatMap((call) => call.result ?? []), ...results]) {
    const {callId, isError, output} = result
    const more = {id: `${callId}/result`, callId, output, isError}
    yield {at: result.at ?? at, subAgent, type: 'tool_result', role: 'tool', ...more}
  }
}

/** Milliseconds until gemini deletes a conversation that nothing is added to; undefined when it never does. */
async function maxAge(path: string, files: Files): Promise<number | undefined> {
  // JSON with comments.
  const settings = await readIfThere(join(dirname(path), '../../../settings.json'), files)
  const [, retention = ''] =
    /"sessionRetention"\s*:\s*\{([^}]*)\}/.exec(settings.replaceAll(/^\s*\/\/.*$/gm, '')) ?? []
  if (/"enabled"\s*:\s*false/.test(retention)) return undefined
  const [, given] = /"maxAge"\s*:\s*"([^"]*)"/.exec(retention) ?? []
  const [, count, unit] = /^(\d+)([dhmw])$/.exec(given ?? '30d') ?? []
  // What gemini cannot read, or is less than a day, switches it off.
  const age = Number(count) * HOURS[unit as keyof typeof HOURS] * 3_600_000
  return age >= 86_400_000 ? age : undefined
}

const UNKNOWN_TIME = new Date(0).toISOString()
const HOURS = {h: 1, d: 24, w: 7 * 24, m: 30 * 24}
const ID = /^\w[\w.-]{0,127}$/
const HEADER_LINES = 10
