import {countOf, inputOf, parseList} from 'clinvk-backend-sdk'
import type {ConversationAbout, Files, ModelCall, RecordedConversation} from 'clinvk-contract'
import type {TranscriptEntry, TranscriptMessage} from 'clinvk-contract'
import {toolTarget} from './denial.js'
import {BLOCK, textOf} from './messages.js'
import {mergedLines, type RecordLine} from './record-lines.js'

/** What was said in a conversation and what its model calls have used, in the order of claude's own file (2.1.197). */
export async function* transcript(
  {id, paths}: RecordedConversation,
  files: Files,
): AsyncGenerator<TranscriptEntry> {
  const record = new ClaudeRecord(id)
  for await (const {line, subAgent} of mergedLines(paths, files)) yield* record.read(line, subAgent)
  yield* record.end()
}

class ClaudeRecord {
  readonly #id: string
  /** Lines that were read: a fork and a second `/compact` write them again. */
  readonly #lines = new Set<string>()
  /** Who made a model call: a side question of the user's (`/btw`) begins with a copy of the calls before it. */
  readonly #callers = new Map<string, string | undefined>()
  /** The last call of each: its content blocks are lines of their own, each with counts of the whole call. */
  readonly #calls = new Map<string | undefined, Call>()
  /** A command of the user's, which is a prompt only if the model answers it. */
  #command: TranscriptMessage | undefined
  #about: ConversationAbout = {}
  readonly #titles: {custom?: string; ai?: string; summary?: string} = {}

  constructor(id: string) {
    this.#id = id
  }

  *read(line: RecordLine, subAgentOfFile?: string): Generator<TranscriptEntry> {
    const {agentId, aiTitle, customTitle, isSidechain, message, summary, type, uuid} = line
    if (customTitle) this.#titles.custom = customTitle
    if (aiTitle) this.#titles.ai = aiTitle
    if (type === 'summary' && summary) this.#titles.summary = summary
    if (!message || (type !== 'user' && type !== 'assistant')) return
    const subAgent = subAgentOfFile ?? (isSidechain ? (agentId ?? 'sidechain') : undefined)
    yield* this.#learn(line, subAgent)
    if (uuid !== undefined && this.#lines.size === this.#lines.add(uuid).size) return
    yield* type === 'assistant' ? this.#answer(line, subAgent) : this.#user(line, subAgent)
  }

  *end(): Generator<TranscriptEntry> {
    yield* this.#count()
    const {ai, custom, summary} = this.#titles
    const title = custom ?? ai ?? summary
    if (this.#about.startedAt !== undefined) yield {type: 'about', about: {...this.#about, title}}
  }

  *#learn(
    {cwd, forkedFrom, sessionId, time}: RecordLine,
    subAgent: string | undefined,
  ): Generator<TranscriptEntry> {
    const at = new Date(time).toISOString()
    const {startedAt = at, updatedAt = at} = this.#about
    this.#about = {...this.#about, startedAt, updatedAt: at > updatedAt ? at : updatedAt}
    // A sub-agent may work somewhere else.
    if (subAgent !== undefined || this.#about.cwd !== undefined || cwd === undefined) return
    // Later versions leave the parent's id in the lines that a fork copies.
    const parent = forkedFrom?.sessionId ?? sessionId
    this.#about = {...this.#about, cwd, ...(parent !== this.#id && {forkedFrom: parent})}
    yield {type: 'about', about: this.#about}
  }

  *#answer(line: RecordLine, subAgent: string | undefined): Generator<TranscriptEntry> {
    const {isApiErrorMessage, message = {}, place, requestId, time, uuid = place} = line
    const isOwn = message.model?.startsWith('<') ?? false
    // "No response requested." is no answer.
    if (isOwn && !isApiErrorMessage) return
    const id = message.id ?? requestId ?? uuid
    if (!isOwn) {
      if (this.#callers.has(id) && this.#callers.get(id) !== subAgent) return
      if (!this.#callers.has(id)) {
        yield* this.#count(subAgent)
        this.#callers.set(id, subAgent)
        this.#calls.set(subAgent, {id, time, model: message.model, usage: {}, written1h: 0})
      }

      const call = this.#calls.get(subAgent)
      if (call?.id === id && message.usage) addUsage(call, message.usage)
    }

    if (subAgent === undefined && this.#command) {
      yield this.#command
      this.#command = undefined
    }

    yield* messagesOf(line, subAgent, isOwn ? undefined : message.model)
  }

  *#user(line: RecordLine, subAgent: string | undefined): Generator<TranscriptEntry> {
    const {isCompactSummary, isMeta, message, toolUseResult} = line
    const found = messagesOf(line, subAgent)
    const results = found.filter(({type}) => type === 'tool_result')
    yield* results
    // What a sub-agent is told stands in the call that began it.
    if (results.length > 0 || toolUseResult !== undefined || subAgent !== undefined) return
    if (isMeta || isCompactSummary) return
    const texts = found.flatMap((entry) => (entry.type === 'text' ? [entry.text] : []))
    const text = (typeof message?.content === 'string' ? message.content : texts.join('\n\n'))
      // `plan` puts it before what claude would take for a command.
      .replace(/^ (?=\/)/, '')
    if (text.trim() === '') return
    const prompt = {...base(line), type: 'text', role: 'user'} as const
    const [, command] = /^<command-(?:name|message)>[^]*?(\/[^<\s]+)<\/command-name>/.exec(text) ?? []
    if (command === undefined && OWN_WORDS.test(text)) {
      this.#command = undefined
      return
    }

    yield* this.#count()
    if (command === undefined) {
      this.#command = undefined
      yield {...prompt, text}
    } else {
      const [, args = ''] = /<command-args>([^]*)<\/command-args>/.exec(text) ?? []
      this.#command = {...prompt, text: `${command} ${args.trim()}`.trim()}
    }
  }

  /** Tells what the last call has used: of one that calls, or of all. */
  *#count(...callers: readonly (string | undefined)[]): Generator<ModelCall> {
    for (const caller of callers.length > 0 ? callers : [...this.#calls.keys()]) {
      const call = this.#calls.get(caller)
      this.#calls.delete(caller)
      if (call) yield* countsOf(call, caller)
    }
  }
}

interface Call {
  readonly id: string
  /** Of its first line. */
  readonly time: number
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
function* countsOf({id, model, time, usage, written1h}: Call, subAgent?: string): Generator<ModelCall> {
  const {cache_creation_input_tokens: written, cache_read_input_tokens: cached} = usage
  const {input_tokens: sent, output_tokens: outputTokens} = usage
  if (!sent && !written && !cached && !outputTokens) return
  yield {
    type: 'call',
    id,
    at: new Date(time).toISOString(),
    model,
    subAgent,
    inputTokens: sent === undefined ? undefined : sent + (written ?? 0) + (cached ?? 0),
    cachedTokens: cached,
    cacheWriteTokens: written === undefined ? undefined : Math.max(0, written - written1h),
    cacheWrite1hTokens: written === undefined ? undefined : Math.min(written, written1h),
    outputTokens,
  }
}

function base({place, time, uuid = place}: RecordLine, subAgent?: string, model?: string) {
  return {id: uuid, at: new Date(time).toISOString(), model, subAgent}
}

/** The content blocks of a line; a text alone is one, too. */
function messagesOf(line: RecordLine, subAgent?: string, model?: string): TranscriptMessage[] {
  const {content} = line.message ?? {}
  const blocks = typeof content === 'string' ? [{type: 'text', text: content}] : parseList(content, BLOCK)
  return blocks.flatMap((block, index): TranscriptMessage[] => {
    const {content: output, id = '', input, is_error: isError = false, name = 'unknown'} = block
    const {text = '', thinking = '', tool_use_id: of = '', type = ''} = block
    const one = base(line, subAgent, model)
    const details = index === 0 ? one : {...one, id: `${one.id}:${index}`}
    if (type === 'text' && text !== '') return [{...details, type, role: 'assistant', text}]
    if (type === 'image') return [{...details, type: 'text', role: 'assistant', text: '[image]'}]
    if (type === 'thinking' && thinking !== '')
      return [{...details, type: 'reasoning', role: 'assistant', text: thinking}]
    // `server_tool_use` and `web_search_tool_result` are of tools that the server runs.
    if (type.endsWith('tool_use')) {
      const call = {callId: id, name, input: inputOf(input), target: toolTarget(input)}
      return [{...details, type: 'tool_call', role: 'assistant', ...call}]
    }

    if (type.endsWith('tool_result'))
      return [{...details, type: 'tool_result', role: 'tool', callId: of, output: textOf(output), isError}]
    return []
  })
}

/** What claude writes in the user's name without marking it: output of commands, interruptions, reminders. */
const OWN_WORDS =
  /^(?:<(?:local-command|bash|command|task-notification|system-reminder)|\[Request interrupted by user)/
