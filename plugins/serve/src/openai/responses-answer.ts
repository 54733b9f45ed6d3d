import type {Usage} from 'clinvk-contract'
import {randomHex} from 'clinvk-kit/format/random-id'
import type {TurnResult} from 'clinvk-kit/turn/result'
import type {AnswerPiece, TurnPlace} from '../conversation/answer.js'
import {clinvkPart, type VendorAnswer, type VendorEvent} from '../conversation/respond.js'
import {responseId, type ResponsesRequest} from './responses-request.js'

/** An answer as the Responses API has it. */
export function responsesAnswer(
  {echoed, model}: ResponsesRequest,
  {session, turn}: TurnPlace = {},
): VendorAnswer {
  const head = {
    id: session !== undefined && turn !== undefined ? responseId(session, turn) : `resp_${randomHex()}`,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    model,
    output: [],
    ...echoed,
  }
  const items = new Items()
  const ended = (result: TurnResult) => ({
    ...head,
    status: result.error ? 'incomplete' : 'completed',
    incomplete_details: result.error ? {reason: 'max_output_tokens'} : null,
    output: items.output,
    usage: responsesUsage(result.usage),
    clinvk: clinvkPart(result, {session, turn}),
  })
  let count = 0
  const numbered = (events: readonly ItemEvent[]): VendorEvent[] =>
    events.map(({type, ...data}) => ({event: type, data: {type, sequence_number: count++, ...data}}))
  return {
    opening: numbered([
      {type: 'response.created', response: head},
      {type: 'response.in_progress', response: head},
    ]),

    whole(result, reasoning) {
      if (reasoning !== '') items.add({type: 'reasoning', text: reasoning})
      items.add({type: 'text', text: result.content})
      items.close()
      return ended(result)
    },

    piece: (piece) => numbered(items.add(piece)),

    end(result) {
      const empty = items.isEmpty ? items.add({type: 'text', text: ''}) : []
      const rest = [...empty, ...items.close()]
      const type = `response.${result.error ? 'incomplete' : 'completed'}`
      return numbered([...rest, {type, response: ended(result)}])
    },

    error(error) {
      const {code, message} = error as {code: string; message: string}
      const rest = items.close()
      const response = {...head, status: 'failed', error: {code, message}, output: items.output}
      return numbered([...rest, {type: 'response.failed', response}])
    },
  }
}

type ItemEvent = {readonly type: string; readonly [field: string]: unknown}

/** The output of a response: a message, and what the agent thought, in the order in which both came. */
class Items {
  readonly output: object[] = []
  #open: {type: AnswerPiece['type']; id: string; text: string} | undefined

  get isEmpty(): boolean {
    return !this.#open && this.output.length === 0
  }

  add({text, type}: AnswerPiece): ItemEvent[] {
    const events = this.#open?.type === type ? [] : [...this.close(), ...this.#begin(type)]
    this.#open!.text += text
    if (text === '') return events
    const delta =
      type === 'text'
        ? {type: 'response.output_text.delta', delta: text, logprobs: []}
        : {type: 'response.reasoning_summary_text.delta', delta: text}
    return [...events, {...this.#place(), ...delta}]
  }

  close(): ItemEvent[] {
    if (!this.#open) return []
    const {text, type} = this.#open
    const place = this.#place()
    const part = this.#part(text)
    const item = this.#item([part], 'completed')
    const done =
      type === 'text'
        ? {type: 'response.output_text.done', text, logprobs: []}
        : {type: 'response.reasoning_summary_text.done', text}
    this.#open = undefined
    this.output.push(item)
    return [
      {...place, ...done},
      {...place, type: `${PART[type]}.done`, part},
      {type: 'response.output_item.done', output_index: place.output_index, item},
    ]
  }

  #begin(type: AnswerPiece['type']): ItemEvent[] {
    this.#open = {type, id: `${type === 'text' ? 'msg' : 'rs'}_${randomHex()}`, text: ''}
    const item = this.#item([], 'in_progress')
    return [
      {type: 'response.output_item.added', output_index: this.output.length, item},
      {...this.#place(), type: `${PART[type]}.added`, part: this.#part('')},
    ]
  }

  #place() {
    const {id, type} = this.#open!
    const index = type === 'text' ? {content_index: 0} : {summary_index: 0}
    return {item_id: id, output_index: this.output.length, ...index}
  }

  #part(text: string): object {
    return this.#open!.type === 'text'
      ? {type: 'output_text', text, annotations: [], logprobs: []}
      : {type: 'summary_text', text}
  }

  #item(parts: readonly object[], status: string): object {
    const {id, type} = this.#open!
    return type === 'text'
      ? {id, type: 'message', status, role: 'assistant', content: parts}
      : {id, type: 'reasoning', status, summary: parts}
  }
}

const PART = {text: 'response.content_part', reasoning: 'response.reasoning_summary_part'}

function responsesUsage(usage: Usage | undefined): object | null {
  if (!usage) return null
  const {cached_tokens: cached = 0, input_tokens: input = 0, output_tokens: output = 0} = usage
  return {
    input_tokens: input,
    input_tokens_details: {cached_tokens: cached},
    output_tokens: output,
    output_tokens_details: {reasoning_tokens: usage.reasoning_tokens ?? 0},
    total_tokens: input + output,
  }
}
