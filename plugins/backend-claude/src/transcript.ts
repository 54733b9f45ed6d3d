import {countOf, inputOf, parseList} from 'clinvk-backend-sdk'
import type {ConversationAbout, Files, ModelCall, RecordedConversation} from 'clinvk-contract'
import type {TranscriptEntry, TranscriptMessage} from 'clinvk-contract'
import {toolTarget} from './denial.js'
import {BLOCK, type Block, callOf, COUNTS, OWN_WORDS, promptOf, textOf} from './messages.js'
import {mergedLines, type RecordLine} from './record-lines.js'
import {NO_MODEL} from './write.js'

/** What was said in a conversation and what its model calls have used, in the order of claude's own file (2.1.197). */
export async function* transcript(
  {id, paths}: RecordedConversation,
  files: Files,
): AsyncGenerator<TranscriptEntry> {
  const record = new ClaudeRecord(id)
  for await (const {line, subAgent} of mergedLines(paths, files))
    for (const entry of record.read(line, subAgent)) yield entry
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
  #found: TranscriptEntry[] = []

  constructor(id: string) {
    this.#id = id
  }

  read(line: RecordLine, subAgentOfFile: string | undefined): readonly TranscriptEntry[] {
    const {agentId, aiTitle, customTitle, id, isSidechain, message, summary, type} = line
    if (customTitle) this.#titles.custom = customTitle
    if (aiTitle) this.#titles.ai = aiTitle
    if (type === 'summary' && summary) this.#titles.summary = summary
    this.#found = []
    if (!message || (type !== 'user' && type !== 'assistant')) return this.#found
    const subAgent = subAgentOfFile ?? (isSidechain ? (agentId ?? 'sidechain') : undefined)
    if (line.at > this.#updatedAt) this.#updatedAt = line.at
    if (subAgent === undefined) this.#begin(line)
    // A fork, and a second `/compact`, write lines again.
    if (this.#seen.has(id)) return this.#found
    this.#seen.add(id)
    if (type === 'assistant') this.#answer(line, subAgent)
    else this.#user(line, subAgent)
    return this.#found
  }

  end(): readonly TranscriptEntry[] {
    this.#found = []
    this.#countAll()
    const {ai, custom, summary} = this.#titles
    const about = {...this.#about, title: custom ?? ai ?? summary, updatedAt: this.#updatedAt}
    if (this.#about) this.#found.push({type: 'about', about})
    return this.#found
  }

  #begin({at, cwd, forkedFrom, sessionId}: RecordLine): void {
    if (this.#about) return
    // Later versions leave the parent's id in the lines that a fork copies.
    const parent = forkedFrom?.sessionId ?? sessionId
    this.#about = {cwd, startedAt: at, forkedFrom: parent === this.#id ? undefined : parent}
    this.#found.push({type: 'about', about: this.#about})
  }

  #answer(line: RecordLine, subAgent: string | undefined): void {
    const {at, isApiErrorMessage, message = {}, requestId} = line
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
        this.#count(subAgent)
        this.#calls.set(subAgent, {id, at, model, usage: {}, written1h: 0})
      }

      const call = this.#calls.get(subAgent)
      if (call?.id === id && usage) addUsage(call, usage)
    }

    if (subAgent === undefined && this.#command) {
      this.#found.push(this.#command)
      this.#command = undefined
    }

    this.#found.push(...messagesOf(line, subAgent, isOwn || model === NO_MODEL ? undefined : model))
    if (subAgent === undefined && message.stop_reason === 'end_turn') this.#found.push({type: 'end', at})
  }

  #user(line: RecordLine, subAgent: string | undefined): void {
    const {at, id, isCompactSummary, isMeta, toolUseResult} = line
    const messages = messagesOf(line, subAgent)
    const results = messages.filter(({type}) => type === 'tool_result')
    this.#found.push(...results)
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
    this.#countAll()
    this.#found.push({...prompt, text: promptOf(text)})
  }

  #countAll(): void {
    for (const subAgent of this.#calls.keys()) this.#count(subAgent)
  }

  /** Tells what the last call has used. */
  #count(subAgent: string | undefined): void {
    const call = this.#calls.get(subAgent)
    this.#calls.delete(subAgent)
    if (call) this.#found.push(...countsOf(call, subAgent))
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
function messagesOf(line: RecordLine, subAgent?: string, model?: string): TranscriptMessage[] {
  const {at, message: {content} = {}} = line
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
