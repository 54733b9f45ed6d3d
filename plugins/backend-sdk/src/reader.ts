import type {AgentExit, BackendEvent, Denial, ModelCall, Reader} from 'clinvk-contract'
import type {Turn, Usage, Verdict} from 'clinvk-contract'
import {endedEarly, lastWords} from './failure.js'
import {type Parsed, parseLine, type Shape} from './parse.js'

/** Reads an agent that prints a JSON object a line. */
export abstract class JsonReader<S extends Shape> implements Reader {
  protected abstract readonly shape: S
  protected readonly turn: Turn
  protected readonly answer = new Answer()
  readonly #denials: Denial[] = []
  /** The last lines that are no message of this format, such as an error as text, or in the format of another version. */
  readonly #unread: string[] = []

  constructor(turn: Turn) {
    this.turn = turn
  }

  line(line: string): readonly BackendEvent[] {
    if (line.trim() === '') return []
    const message = parseLine(line, this.shape)
    const events = message && this.read(message)
    if (events) return events
    if (this.#unread.push(line.slice(0, 16_384)) > 100) this.#unread.shift()
    return [{type: 'unparsed', line}]
  }

  /** How an agent ended that told no result, with what it said on standard error or, in another format, on standard output. */
  protected endedEarly(agent: string, exit: AgentExit, said = lastWords(exit.stderr)): string {
    return endedEarly(agent, exit, said || lastWords(this.#unread.join('\n'), /^\s*[{}[\]"]/))
  }

  abstract end(exit: AgentExit): Verdict

  /** Undefined for what this version of the backend does not know. */
  protected abstract read(message: Parsed<S>): BackendEvent[] | undefined

  protected deny(denial: Denial | undefined): void {
    if (denial) this.#denials.push(denial)
  }

  protected get denials(): readonly Denial[] | undefined {
    return this.#denials.length === 0 ? undefined : this.#denials
  }
}

/** The text of a turn, in blocks that grow; an empty line parts them. */
class Answer {
  readonly #blocks = new Map<string, string>()
  /** Characters of all blocks. */
  length = 0
  /** False where the text of blocks was given up. */
  isWhole = true

  get text(): string {
    return [...this.#blocks.values()].join('\n\n')
  }

  get ids(): Iterable<string> {
    return this.#blocks.keys()
  }

  block(id: string): string {
    return this.#blocks.get(id) ?? ''
  }

  piece(id: string, text: string): BackendEvent[] {
    if (text === '') return []
    const gap = this.#blocks.size > 0 && !this.#blocks.has(id) ? '\n\n' : ''
    this.#blocks.set(id, this.block(id) + text)
    this.length += text.length
    return [{type: 'text', text: gap + text}]
  }

  /** Gives up the text of all blocks so far, so that an answer of any length takes no memory. */
  giveUp(): void {
    for (const [id, text] of this.#blocks) if (text !== '') this.#blocks.set(id, '')
    this.isWhole = false
  }

  /** The text without these blocks. */
  without(ids: ReadonlySet<string>): string {
    return [...this.#blocks].flatMap(([id, text]) => (ids.has(id) ? [] : [text])).join('\n\n')
  }
}

/** Tokens of a model call, as the contract counts them. */
export type Counts = Pick<
  ModelCall,
  'inputTokens' | 'outputTokens' | 'cachedTokens' | 'reasoningTokens' | 'model'
>

/** What model calls have used together, also by model where that is known; undefined where there are none. */
export function usageOfCalls(calls: readonly Counts[]): Usage | undefined {
  if (calls.length === 0) return undefined
  const names = [...new Set(calls.flatMap(({model}) => model ?? []))]
  const models = names.map((name) => [name, sumOf(calls.filter(({model}) => model === name))] as const)
  return {...sumOf(calls), ...(names.length > 0 && {models: Object.fromEntries(models)})}
}

function sumOf(calls: readonly Counts[]): Usage {
  const sum = (name: Exclude<keyof Counts, 'model'>) =>
    calls.reduce((total, counts) => total + (counts[name] ?? 0), 0)
  return {
    input_tokens: sum('inputTokens'),
    output_tokens: sum('outputTokens'),
    cached_tokens: sum('cachedTokens'),
    ...(calls.some((counts) => counts.reasoningTokens !== undefined) && {
      reasoning_tokens: sum('reasoningTokens'),
    }),
    total_tokens: sum('inputTokens') + sum('outputTokens'),
  }
}
