import type {Usage} from 'clinvk-contract'
import {randomHex} from 'clinvk-kit/format/random-id'
import type {TurnResult} from 'clinvk-kit/turn/result'
import type {TurnPlace} from '../conversation/answer.js'
import {clinvkPart} from '../conversation/clinvk-part.js'
import {errorOf, TurnFailed, type VendorAnswer, type VendorEvent} from '../conversation/respond.js'
import {responseId, type ResponsesRequest} from './responses-request.js'

/** An answer as the Responses API has it. `message` makes a sentence of an error. */
export function responsesAnswer(
  {echoed, isStream, model, showsReasoning}: ResponsesRequest,
  errorIn: (error: NonNullable<ReturnType<typeof errorOf>>) => {code: string; message: string},
): VendorAnswer {
  const created = Math.floor(Date.now() / 1000)
  const fallback = `resp_${randomHex()}`
  const idOf = (place: TurnPlace | undefined) =>
    place?.session !== undefined && place.turn !== undefined
      ? responseId(place.session, place.turn)
      : fallback
  const response = (place: TurnPlace | undefined, more: object) => ({
    id: idOf(place),
    object: 'response',
    created_at: created,
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    model,
    output: [],
    ...echoed,
    ...more,
  })
  const ended = (result: TurnResult, output: readonly object[]) => ({
    status: result.error ? 'incomplete' : 'completed',
    incomplete_details: result.error ? {reason: 'max_output_tokens'} : null,
    output,
    usage: responsesUsage(result.usage),
  })

  return {
    isStream,

    async *events(events, place) {
      const items = new Items()
      let count = 0
      const state = {hasBegun: false}
      const numbered = ({data, event}: ItemEvent): VendorEvent => ({
        event,
        data: {type: event, sequence_number: count++, ...data},
      })
      const begin = function* () {
        if (state.hasBegun) return
        state.hasBegun = true
        for (const event of ['response.created', 'response.in_progress'])
          yield numbered({event, data: {response: response(place(), {})}})
      }
      for await (const event of events) {
        if (event.type === 'end') {
          const {result} = event
          const error = errorOf(result)
          if (error && !state.hasBegun) throw new TurnFailed(error)
          yield* begin()
          if (!error && items.isEmpty) yield* items.add('text', '').map(numbered)
          yield* items.close().map(numbered)
          const body = error
            ? {status: 'failed', error: errorIn(error), output: items.output}
            : {...ended(result, items.output), clinvk: clinvkPart(result, place())}
          yield numbered({event: `response.${body.status}`, data: {response: response(place(), body)}})
          return
        }
        if (event.type === 'reasoning' && !showsReasoning) continue
        yield* begin()
        yield* items.add(event.type, event.text).map(numbered)
      }
    },

    whole(result, {place, reasoning}) {
      const items = new Items()
      if (showsReasoning && reasoning !== '') items.add('reasoning', reasoning)
      items.add('text', result.content)
      items.close()
      const body = {...ended(result, items.output), clinvk: clinvkPart(result, place)}
      return response(place, body)
    },

    error: (body) => ({event: 'error', data: {type: 'error', ...(body as {error: object}).error}}),
  }
}

type ItemEvent = {event: string; data: object}

/** The output of a response: a message, and what the agent thought, in the order in which both came. */
class Items {
  readonly output: object[] = []
  #open: {type: 'text' | 'reasoning'; id: string; text: string} | undefined

  get isEmpty(): boolean {
    return !this.#open && this.output.length === 0
  }

  add(type: 'text' | 'reasoning', text: string): ItemEvent[] {
    const events: ItemEvent[] = []
    if (this.#open?.type !== type) events.push(...this.close(), ...this.#begin(type))
    this.#open!.text += text
    const name = type === 'text' ? 'response.output_text.delta' : 'response.reasoning_summary_text.delta'
    if (text !== '')
      events.push({
        event: name,
        data: {...this.#place(), delta: text, ...(type === 'text' && {logprobs: []})},
      })
    return events
  }

  close(): ItemEvent[] {
    if (!this.#open) return []
    const {text, type} = this.#open
    const place = this.#place()
    const part = this.#part(text)
    const item = this.#item([part], 'completed')
    const {output_index: index} = place
    this.#open = undefined
    this.output.push(item)
    const done = {event: 'response.output_item.done', data: {output_index: index, item}}
    if (type === 'text')
      return [
        {event: 'response.output_text.done', data: {...place, text, logprobs: []}},
        {event: 'response.content_part.done', data: {...place, part}},
        done,
      ]
    return [
      {event: 'response.reasoning_summary_text.done', data: {...place, text}},
      {event: 'response.reasoning_summary_part.done', data: {...place, part}},
      done,
    ]
  }

  #begin(type: 'text' | 'reasoning'): ItemEvent[] {
    this.#open = {type, id: `${type === 'text' ? 'msg' : 'rs'}_${randomHex()}`, text: ''}
    const place = this.#place()
    const name = type === 'text' ? 'response.content_part.added' : 'response.reasoning_summary_part.added'
    return [
      {
        event: 'response.output_item.added',
        data: {output_index: place.output_index, item: this.#item([], 'in_progress')},
      },
      {event: name, data: {...place, part: this.#part('')}},
    ]
  }

  #place() {
    const {id, type} = this.#open!
    return {
      item_id: id,
      output_index: this.output.length,
      ...(type === 'text' ? {content_index: 0} : {summary_index: 0}),
    }
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
