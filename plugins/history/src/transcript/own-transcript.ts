import {existsSync} from 'node:fs'
import type {Denial, Usage} from 'clinvk-contract'
import type {Outcome} from 'clinvk-kit/errors/failure'
import {readLines} from 'clinvk-kit/files/read-lines'
import {isRecord, parseRecord} from 'clinvk-kit/format/is-record'
import type {Turn} from './join.js'
import type {Message} from './message.js'

/** The turns of a transcript that clinvk has written. Lines that are torn or of another kind are skipped. */
export async function* ownTurns(path: string): AsyncGenerator<Turn> {
  if (!existsSync(path)) return
  let turn: OpenTurn | undefined
  let turns = 0
  for await (const text of readLines(path)) {
    const line = parseRecord(text)
    if (!line) continue
    const time = textOf(line.time)
    const at = time !== undefined && !Number.isNaN(Date.parse(time)) ? time : turn?.endedAt
    if (at === undefined) continue
    if (line.type === 'turn') {
      if (turn) yield turn
      turns++
      const prompt = textOf(line.prompt) ?? ''
      turn = {startedAt: at, endedAt: at, prompt, messages: [], calls: [], model: textOf(line.model)}
      add({type: 'text', role: 'user', text: prompt}, turn, turns, at)
    } else if (turn) {
      if (at > turn.endedAt) turn.endedAt = at
      read(line, turn, turns, at)
    }
  }

  if (turn) yield turn
}

interface OpenTurn extends Turn {
  endedAt: string
  model?: string
  outcome?: Outcome
  error?: string
  denials?: readonly Denial[]
  usage?: Usage
  readonly messages: Message[]
}

type Line = Readonly<Record<string, unknown>>
type Details = 'at' | 'id' | 'model' | 'source' | 'sub_agent' | 'turn'
type Said = Message extends infer Each ? (Each extends Message ? Omit<Each, Details> : never) : never

/** Adjacent pieces of an answer are one message. */
function add(said: Said, turn: OpenTurn, number: number, at: string): void {
  const id = `clinvk-${number}.${turn.messages.length + 1}`
  const last = turn.messages.at(-1)
  if (last?.role === 'assistant' && 'text' in said && 'text' in last && last.type === said.type)
    last.text += said.text
  else turn.messages.push({id, turn: number, at, model: turn.model, source: 'clinvk', ...said})
}

function read(line: Line, turn: OpenTurn, number: number, at: string): void {
  const {input, type} = line
  const [text, id, name, output] = [line.text, line.id, line.name, line.output].map(textOf)
  if (type === 'text' || type === 'reasoning') {
    if (text !== undefined) add({type, role: 'assistant', text}, turn, number, at)
  } else if (type === 'tool_call' && id !== undefined && name !== undefined) {
    const target = textOf(line.target)
    add({type, role: 'assistant', call_id: id, name, input, target}, turn, number, at)
  } else if (type === 'tool_result' && id !== undefined && output !== undefined) {
    add({type, role: 'tool', call_id: id, output, is_error: line.is_error === true}, turn, number, at)
  } else if (type === 'session') turn.model = textOf(line.model) ?? turn.model
  else if (type === 'usage' && isRecord(line.usage)) turn.usage = line.usage
  else if (type === 'done') finish(line, turn)
}

function finish({denials, error, model, outcome, usage}: Line, turn: OpenTurn): void {
  turn.model = textOf(model) ?? turn.model
  turn.outcome = textOf(outcome) as Outcome | undefined
  turn.error = isRecord(error) ? textOf(error.message) : undefined
  if (Array.isArray(denials)) turn.denials = denials.filter(isDenial)
  if (isRecord(usage)) turn.usage = usage
}

function isDenial(value: unknown): value is Denial {
  return (
    isRecord(value) &&
    textOf(value.tool) !== undefined &&
    ['undefined', 'string'].includes(typeof value.target)
  )
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
