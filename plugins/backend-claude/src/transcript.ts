import {countOf, inputOf, interleaved, parseList} from 'clinvk-backend-sdk'
import type {ConversationAbout, Files, ModelCall, RecordedConversation} from 'clinvk-contract'
import type {TranscriptEntry, TranscriptMessage} from 'clinvk-contract'
import {toolTarget} from './denial.js'
import {BLOCK, type Block, callOf, COUNTS, OWN_WORDS, promptOf, textOf} from './messages.js'
import {type RecordLine, recordLines} from './record-lines.js'
import {NO_MODEL} from './write.js'

/** What was said in a conversation and what its model calls have used, in the order of claude's own file (2.1.197). */
export async function* transcript(
  {id, paths: [main, ...subAgents]}: RecordedConversation,
  files: Files,
): AsyncGenerator<TranscriptEntry> {
  const record = new ClaudeRecord(id)
  const lines = interleaved(
    main === undefined ? [] : recordLines(main, files),
    subAgents.map((path) => () => recordLines(path, files)),
    ({at}) => at,
  )
  for await (const line of lines) yield* record.read(line)
  yield* record.end()
}

class ClaudeRecord {
  readonly #id: string
  /** Ids of lines that were read. */
  readonly #seen = new Set<string>()
  /** Who made each call. */
  readonly #callers = new Map<string, string | undefined>()
  /** The last call of each: its content blocks are lines of their own, each with counts of the whole call. */
  readonly #calls = new Map<string | undefined, Call>()
  /** A command of the user's, which is a prompt only if the model answers it. */
  #command: TranscriptMessage | undefined
  #about: ConversationAbout | undefined
  #updatedAt = ''
  readonly #titles: {custom?: string; ai?: string; summary?: string} = {}

  constructor(id: string) {
    this.#id = id
  }

  *read(line: RecordLine): Generator<TranscriptEntry> {
    const {aiTitle, customTitle, id, message, subAgent, summary, type} = line
    if (customTitle) this.#titles.custom = customTitle
    if (aiTitle) this.#titles.ai = aiTitle
    if (type === 'summary' && summary) this.#titles.summary = summary
    if (!message || (type !== 'user' && type !== 'assistant')) return
    if (line.at > this.#updatedAt) this.#updatedAt = line.at
    if (subAgent === undefined && !this.#about) yield this.#begin(line)
    // A fork, and a second `/compact`, write lines again.
    if (this.#seen.has(id)) return
    this.#seen.add(id)
    yield* type === 'assistant' ? this.#answer(line) : this.#user(line)
  }

  *end(): Generator<TranscriptEntry> {
    yield* this.#countAll()
    const {ai, custom, summary} = this.#titles
    const about = {...this.#about, title: custom ?? ai ?? summary, updatedAt: this.#updatedAt}
    if (this.#about) yield {type: 'about', about}
  }

  #begin({at, cwd, forkedFrom, sessionId}: RecordLine): TranscriptEntry {
    // Later versions leave the parent's id in the lines that a fork copies.
    const parent = forkedFrom?.sessionId ?? sessionId
    this.#about = {cwd, startedAt: at, forkedFrom: parent === this.#id ? undefined : parent}
    return {type: 'about', about: this.#about}
  }

  *#answer(line: RecordLine): Generator<TranscriptEntry> {
    const {at, isApiErrorMessage, message = {}, requestId, subAgent} = line
    const {id = requestId ?? line.id, model, usage} = message
    const isOwn = model?.startsWith('<') ?? false
    // "No response requested." is no answer.
    if (isOwn && !isApiErrorMessage) return
    if (!isOwn) {
      const isNew = !this.#callers.has(id)
      // A side question of the user's (`/btw`) begins with a copy of the calls before it.
      if (!isNew && this.#callers.get(id) !== subAgent) return
      if (isNew) {
        this.#callers.set(id, subAgent)
        yield* this.#count(subAgent)
        this.#calls.set(subAgent, {id, at, model, usage: {}, written1h: 0})
      }

      const call = this.#calls.get(subAgent)
      if (call?.id === id && usage) addUsage(call, usage)
    }

    if (subAgent === undefined && this.#command) {
      yield this.#command
      this.#command = undefined
    }

    yield* messagesOf(line, isOwn || model === NO_MODEL ? undefined : model)
    if (subAgent === undefined && message.stop_reason === 'end_turn') yield {type: 'end', at}
  }

  *#user(line: RecordLine): Generator<TranscriptEntry> {
    const {at, id, isCompactSummary, isMeta, subAgent, toolUseResult} = line
    const messages = messagesOf(line)
    const results = messages.filter(({type}) => type === 'tool_result')
    yield* results
    // What a sub-agent is told stands in the call that began it.
    if (results.length > 0 || toolUseResult !== undefined || subAgent !== undefined) return
    if (isMeta || isCompactSummary) return
    const texts = messages.flatMap((entry) => (entry.type === 'text' ? [entry.text] : []))
    const text = texts.join('\n\n')
    if (text.trim() === '') return
    const [, command] = /^<command-(?:name|message)>[^]*?(\/[^<\s]+)<\/command-name>/.exec(text) ?? []
    const prompt = {id, at, type: 'text', role: 'user'} as const
    this.#command = undefined
    if (command !== undefined) {
      const [, args = ''] = /<command-args>([^]*)<\/command-args>/.exec(text) ?? []
      this.#command = {...prompt, text: `${command} ${args.trim()}`.trim()}
    }

    if (OWN_WORDS.test(text)) return
    yield* this.#countAll()
    yield {...prompt, text: promptOf(text)}
  }

  *#countAll(): Generator<ModelCall> {
    for (const subAgent of this.#calls.keys()) yield* this.#count(subAgent)
  }

  /** What the last call has used. */
  #count(subAgent: string | undefined): ModelCall[] {
    const call = this.#calls.get(subAgent)
    this.#calls.delete(subAgent)
    return call ? countsOf(call, subAgent) : []
  }
}

interface Call {
  readonly id: string
  /** Of its first line. */
  readonly at: string
  readonly model?: string
  readonly usage: Record<string, number>
  written1h: number
}

type LineUsage = NonNullable<NonNullable<RecordLine['message']>['usage']>

/** Older versions wrote a part of the counts first: the largest of each is the whole. */
function addUsage(call: Call, {cache_creation: written, ...counts}: LineUsage): void {
  for (const [name, count] of Object.entries(counts) as [string, unknown][])
    if (countOf(count) !== undefined) call.usage[name] = Math.max(call.usage[name] ?? 0, count as number)
  call.written1h = Math.max(call.written1h, countOf(written?.ephemeral_1h_input_tokens) ?? 0)
}

/** Nothing where all counts are 0: so a fork writes the calls that it copies from before a compaction. */
function countsOf({at, id, model, usage, written1h}: Call, subAgent: string | undefined): ModelCall[] {
  if (Object.keys(COUNTS).every((name) => !usage[name])) return []
  const written = usage.cache_creation_input_tokens
  const cacheWrite1hTokens = written === undefined ? undefined : Math.min(written, written1h)
  const cacheWriteTokens = written === undefined ? undefined : written - cacheWrite1hTokens!
  return [{type: 'call', id, at, model, subAgent, ...callOf(usage), cacheWriteTokens, cacheWrite1hTokens}]
}

/** The content blocks of a line; a text alone is one, too. */
function messagesOf(line: RecordLine, model?: string): TranscriptMessage[] {
  const {at, message: {content} = {}, subAgent} = line
  const blocks: Block[] =
    typeof content === 'string' ? [{type: 'text', text: content}] : parseList(content, BLOCK)
  const messages: TranscriptMessage[] = []
  for (const [index, block] of blocks.entries()) {
    const {content: output, input, is_error: isError = false, name = 'unknown', type = ''} = block
    const id = index === 0 ? line.id : `${line.id}:${index}`
    const text = type === 'image' ? '[image]' : type === 'thinking' ? block.thinking : block.text
    const said = {role: 'assistant', id, at, model, subAgent} as const
    if (type === 'text' || type === 'image') {
      if (text) messages.push({...said, type: 'text', text})
    } else if (type === 'thinking') {
      if (text) messages.push({...said, type: 'reasoning', text})
      // `server_tool_use` and `web_search_tool_result` are of tools that the server runs.
    } else if (type.endsWith('tool_use')) {
      const call = {callId: block.id ?? '', name, input: inputOf(input), target: toolTarget(input)}
      messages.push({...said, type: 'tool_call', ...call})
      // With --json-schema this tool's input is the answer.
      const answer = name === 'StructuredOutput' && JSON.stringify(input)
      if (answer) messages.push({...said, type: 'text', id: `${id}:answer`, text: answer})
    } else if (type.endsWith('tool_result')) {
      const result = {callId: block.tool_use_id ?? '', output: textOf(output), isError}
      messages.push({type: 'tool_result', role: 'tool', id, at, subAgent, ...result})
    }
  }

  return messages
}
