import {countOf, inputOf, interleaved, parseLine, parseList} from 'clinvk-backend-sdk'
import type {ConversationAbout, Files, ModelCall, RecordedConversation} from 'clinvk-contract'
import type {MessageDetails, TranscriptEntry, TranscriptMessage} from 'clinvk-contract'
import {callOf, countsOf, difference, sum, type TokenCounts} from './messages.js'
import {type End, findRollout, idOfFile, type RolloutLine, rolloutLines, timeOfId} from './rollout.js'
import {spawnedBy} from './sub-agents.js'
import {isFailed, outputOf, targetOf, toolOfItem} from './tools.js'

/**
 * What was said in a thread and what its model calls have used, in the order of codex's own file (0.169.0); with what its
 * sub-agents did, where their files are given, too.
 */
export async function* transcript(
  {id, paths}: RecordedConversation,
  files: Files,
): AsyncGenerator<TranscriptEntry> {
  const [path, ...others] = paths
  if (path === undefined) return
  const main = new Thread(id, files).read(path)
  yield* interleaved(
    main,
    others.map((other) => () => workOf(other, files)),
    (entry) => ('at' in entry ? entry.at : ''),
  )
}

/** What a sub-agent said and used. What it is about is not what its parent is about. */
async function* workOf(path: string, files: Files): AsyncGenerator<TranscriptEntry> {
  for await (const entry of new Thread(idOfFile(path) ?? '', files).read(path))
    if (entry.type !== 'about' && entry.type !== 'end') yield entry
}

class Thread {
  readonly #id: string
  readonly #files: Files
  /** Those that it goes on from, so that a circle of them ends. */
  readonly #children: ReadonlySet<string>
  #parents: readonly string[] = []
  /** What its calls have used together, with those of the thread that it was forked from; undefined when that is unknown. */
  #total: TokenCounts | undefined = {}
  #meta: RolloutLine['payload']
  #subAgent: string | undefined
  #about: ConversationAbout = {}
  #updatedAt: string | undefined
  #model: string | undefined
  /** Whether older versions copied these lines from the thread that it was forked from, and whether they name turns. */
  #isReplay = false
  #namesTurns = false
  /** Calls of a turn before its prompt is told, such as of a compaction; undefined outside of that time. */
  #early: ModelCall[] | undefined
  /** Tool calls since the last prompt, and those of which the result is told. */
  readonly #called = new Set<string>()
  readonly #answered = new Set<string>()
  /** What was said last, and by what kind of line: some versions tell it twice. */
  #last = {text: '', role: '', kind: ''}

  constructor(id: string, files: Files, children: Iterable<string> = []) {
    this.#id = id
    this.#files = files
    this.#children = new Set([...children, id])
  }

  async *read(path: string, end?: End): AsyncGenerator<TranscriptEntry> {
    for await (const line of rolloutLines(path, this.#files, end)) {
      const {at, payload = {}, type} = line
      if (type === 'session_meta') {
        if (this.#meta) this.#isReplay ||= payload.id !== undefined && payload.id !== this.#id
        else yield* this.#begin(payload, at)
        continue
      }

      this.#endReplay(line)
      this.#updatedAt = line.at
      if (type === 'turn_context') {
        this.#model = payload.model ?? this.#model
        if (!this.#isReplay && payload.cwd !== undefined) this.#about = {...this.#about, cwd: payload.cwd}
      }

      const calls = [...this.#calls(line)]
      if (this.#early) this.#early.push(...calls)
      else yield* calls
      if (payload.type === 'task_started') this.#early ??= []
      if (payload.type === 'task_complete' || payload.type === 'turn_aborted') yield* this.#late()
      for (const entry of this.#messages(line)) {
        // What a sub-agent is told stands in the call that began it.
        if (this.#subAgent === undefined || (entry.role !== 'user' && !this.#isReplay)) yield entry
        if (entry.role === 'user') yield* this.#late()
      }

      if (payload.type === 'task_complete' && this.#subAgent === undefined && !this.#isReplay)
        yield {type: 'end', at: line.at}
    }

    yield* this.#late()
    if (this.#updatedAt !== undefined)
      yield {type: 'about', about: {...this.#about, updatedAt: this.#updatedAt}}
  }

  async *#begin(meta: NonNullable<RolloutLine['payload']>, at: string): AsyncGenerator<TranscriptEntry> {
    this.#meta = meta
    const {cwd, forked_from_id: from, history_base: base} = meta
    const spawned = spawnedBy(meta)
    if (spawned) this.#subAgent = spawned.name ?? this.#id
    if (from !== undefined) this.#total = undefined
    const parent = base?.thread_id
    const startedAt = isNaN(Date.parse(meta.timestamp ?? '')) ? at : new Date(meta.timestamp!).toISOString()
    const forkedFrom = from ?? spawned?.by
    if (parent !== undefined) this.#parents = [parent]
    const about = {cwd, startedAt, forkedFrom, parents: this.#parents}
    yield {type: 'about', about}
    if (base && parent !== undefined && !this.#children.has(parent)) {
      const thread = new Thread(parent, this.#files, this.#children)
      const path = await findRollout(this.#files, parent)
      // The calls are the parent's.
      for await (const entry of path === undefined ? [] : thread.read(path, base))
        if (entry.type !== 'about' && entry.type !== 'call' && this.#subAgent === undefined) yield entry
      this.#parents = [parent, ...thread.#parents]
      if (path !== undefined) this.#total = thread.#total
    }

    this.#about = {...about, parents: this.#parents}
  }

  *#late(): Generator<ModelCall> {
    yield* this.#early ?? []
    this.#early = undefined
  }

  /** Copied lines may have new times, but the ids of their turns are older than the thread. */
  #endReplay({payload = {}, time}: RolloutLine): void {
    if (!this.#isReplay) return
    const began = timeOfId(this.#id) ?? Date.parse(this.#meta?.timestamp ?? '')
    const turn = timeOfId(payload.turn_id)
    if (turn !== undefined) this.#namesTurns = true
    if (turn === undefined ? !this.#namesTurns && time > began + COPIED_WITHIN_MS : turn >= began)
      this.#isReplay = false
  }

  *#calls({at, ordinal, payload = {}, type}: RolloutLine): Generator<ModelCall> {
    const call = (counts: TokenCounts, id = `${this.#id}:${ordinal}`, written?: unknown): ModelCall => ({
      type: 'call',
      id,
      at,
      model: this.#model,
      subAgent: this.#subAgent,
      ...callOf(counts),
      cacheWriteTokens: countOf(written),
    })
    const {info, response_id: id, usage} = payload
    const used = countsOf(usage)
    if (type === 'token_usage_record' && used) {
      this.#total = countsOf(payload.thread_token_usage) ?? sum([this.#total ?? {}, used])
      if (!this.#isReplay) yield call(used, id, usage?.cache_write_input_tokens)
    }

    const [all, last] = [countsOf(info?.total_token_usage), countsOf(info?.last_token_usage)]
    if (!all) return
    if (!this.#isReplay) this.#about = {...this.#about, state: {total: sum([all])}}
    // Where there are no records of calls. The same total is told several times; some sub-agents begin at 0 again.
    const more = this.#total && difference(all, this.#total)
    const isAnew = last && isNothing(difference(all, last))
    const grown = isAnew || (this.#total && !more) ? last : more
    this.#total = all
    if (grown && !isNothing(grown) && !isNothing(more) && !this.#isReplay) yield call(grown)
  }

  *#messages(line: RolloutLine): Generator<TranscriptMessage> {
    const {at, ordinal, payload = {}} = line
    const {
      call_id: callId = '',
      item,
      kind,
      message = '',
      name = 'unknown',
      text: thought = '',
      type = '',
    } = payload
    const id = `${this.#id}:${ordinal}`
    const details: MessageDetails = {id, at, subAgent: this.#subAgent}
    const told = item?.type ?? type
    const said = item ? textOf(item.content) : message
    const own: MessageDetails = {...details, model: this.#model}
    switch (told) {
      case 'UserMessage':
      case 'user_message':
        if (this.#isRepeated('user', said, type) || (kind !== 'plain' && OWN_WORDS.test(said))) return
        this.#called.clear()
        this.#answered.clear()
        yield {...details, type: 'text', role: 'user', text: said}
        return
      case 'AgentMessage':
      case 'agent_message':
        if (this.#isRepeated('assistant', said, type)) return
        yield {...own, type: 'text', role: 'assistant', text: said}
        return
      case 'Reasoning':
      case 'agent_reasoning': {
        const text = item ? parseList(item.summary_text, '').join('\n\n') : thought
        if (!this.#isRepeated('reasoning', text, type))
          yield {...own, type: 'reasoning', role: 'assistant', text}
        return
      }

      case 'function_call':
      case 'custom_tool_call':
      case 'local_shell_call': {
        const {action, arguments: args = '', input: script} = payload
        const input = type === 'local_shell_call' ? action : (script ?? parseLine(args, {}) ?? args)
        this.#called.add(callId)
        const call = {callId, name, input: inputOf(input), target: targetOf(input)}
        yield {...own, type: 'tool_call', role: 'assistant', ...call}
        return
      }

      case 'function_call_output':
      case 'custom_tool_call_output':
        if (this.#answered.has(callId)) return
        yield {...details, type: 'tool_result', role: 'tool', callId, ...outputOf(payload.output)}
        return
    }

    // What a tool did, nicer than what the model was told of it; also of tools that a script of the model's has used.
    const tool = item && type === 'item_completed' ? toolOfItem(item) : undefined
    if (!tool || item?.id === undefined) return
    const {output, ...call} = tool
    if (!this.#called.has(item.id))
      yield {...own, id: `${id}:call`, type: 'tool_call', role: 'assistant', callId: item.id, ...call}
    this.#answered.add(item.id)
    const result = {callId: item.id, output, isError: isFailed(item.status)}
    yield {...details, type: 'tool_result', role: 'tool', ...result}
  }

  #isRepeated(role: string, text: string, kind: string): boolean {
    const {kind: before, role: by, text: last} = this.#last
    const isRepeated = text === '' || (by === role && last === text && before !== kind)
    if (!isRepeated) this.#last = {text, role, kind}
    return isRepeated
  }
}

function textOf(content: unknown): string {
  const parts = parseList(content, {type: '', text: ''})
  return parts.map(({text, type = ''}) => text ?? (/image/i.test(type) ? '[image]' : '')).join('\n\n')
}

function isNothing(counts: TokenCounts | undefined): boolean {
  return counts !== undefined && Object.values(counts).every((count) => count === 0)
}

/** Older versions told what codex writes in the user's name like a prompt. */
const OWN_WORDS = /^<(?:environment_context|user_instructions|turn_aborted)>/
/** How long codex may need to copy a thread, where the ids of turns tell nothing. */
const COPIED_WITHIN_MS = 2500
