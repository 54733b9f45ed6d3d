import * as z from 'zod'
import {type ChatRequest, requestOf, schemaOf, textOf, toolCall} from '../conversation/chat-request.js'
import {BadRequest} from '../core/errors.js'

const item = z.looseObject({
  type: z.string().nullish(),
  role: z.string().nullish(),
  content: z.unknown().optional(),
})

/** A request of the Responses API, as far as it is used. */
export const ResponsesBody = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(item)]),
  instructions: z.string().nullish(),
  previous_response_id: z.string().nullish(),
  conversation: z.union([z.string(), z.looseObject({id: z.string()})]).nullish(),
  stream: z.boolean().nullish(),
  store: z.boolean().nullish(),
  background: z.boolean().nullish(),
  tool_choice: z.unknown().optional(),
  reasoning: z.unknown().optional(),
  text: z
    .looseObject({format: z.looseObject({type: z.string(), schema: z.unknown().optional()}).nullish()})
    .nullish(),
  prompt_cache_key: z.string().nullish(),
  metadata: z.unknown().optional(),
})

export interface ResponsesRequest extends ChatRequest {
  /** What the answer repeats of the request. */
  readonly echoed: Readonly<Record<string, unknown>>
}

/** Throws a BadRequest that names the field. */
export function responsesRequest(body: z.output<typeof ResponsesBody>): ResponsesRequest {
  const {background, conversation, input, instructions, previous_response_id: previous, store, text} = body
  if (background === true)
    throw new BadRequest(
      'background is not supported: the answer comes with the request.',
      'background',
      'unsupported',
    )
  if (previous && conversation)
    throw new BadRequest('previous_response_id and conversation exclude each other.', 'conversation')
  const items = typeof input === 'string' ? [{role: 'user', text: input}] : input.flatMap(messagesOf)
  const instructed = instructions ? [{role: 'system', text: instructions}, ...items] : items
  const request = requestOf(ResponsesBody, body, instructed, 'input')
  const isContinued = Boolean(previous ?? conversation)
  return {
    ...request,
    schema: schemaOf(text?.format?.type, text?.format?.schema, 'text.format'),
    isEphemeral: store === false && !isContinued,
    continues: previous
      ? turnOf(previous)
      : conversation
        ? {session: typeof conversation === 'string' ? conversation : conversation.id}
        : undefined,
    conversationId: body.prompt_cache_key ?? undefined,
    ignored: [...request.ignored, ...(store === false && isContinued ? ['store'] : [])],
    showsReasoning: Boolean(body.reasoning),
    echoed: {
      instructions: instructions ?? null,
      previous_response_id: previous ?? null,
      metadata: body.metadata ?? {},
      parallel_tool_calls: body.parallel_tool_calls ?? true,
      temperature: body.temperature ?? null,
      top_p: body.top_p ?? null,
      tool_choice: body.tool_choice ?? 'auto',
      tools: body.tools ?? [],
      store: store ?? true,
    },
  }
}

/** The id of a response says which turn of which session it is, so nothing need be kept. */
export function responseId(session: string, turn: number): string {
  return `resp_${session}_${turn}`
}

function turnOf(id: string): {session: string; turn: number} {
  const [, session, turn] = /^resp_([\da-f]{16,32})_(\d{1,9})$/.exec(id) ?? []
  if (session !== undefined) return {session, turn: Number(turn)}
  throw new BadRequest(
    `There is no response ${JSON.stringify(id)} that can be continued.`,
    'previous_response_id',
    'previous_response_not_found',
  )
}

function messagesOf({content, role, type, ...fields}: z.output<typeof item>, index: number) {
  const param = `input[${index}]`
  switch (type ?? 'message') {
    case 'message':
      return [{role: role ?? 'user', text: textOf(content, `${param}.content`, role ?? 'user')}]

    // The agent has its own.
    case 'reasoning':
      return []

    case 'function_call':
    case 'custom_tool_call':
      return [{role: 'assistant', text: toolCall(fields.name, fields.arguments ?? fields.input)}]

    case 'function_call_output':
    case 'custom_tool_call_output':
      return [{role: 'tool', text: textOf(fields.output, `${param}.output`)}]

    default:
      throw new BadRequest(
        `${param} is of type ${JSON.stringify(type)}, which cannot be passed to an agent.`,
        param,
        'unsupported',
      )
  }
}
