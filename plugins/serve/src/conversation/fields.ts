import type {JsonSchema} from 'clinvk-contract'
import {isRecord} from 'clinvk-kit/format/is-record'
import type * as z from 'zod'
import {BadRequest} from './chat-request.js'

/** The body, checked. Throws a BadRequest that names the first field that is wrong. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const {data, error} = schema.safeParse(body)
  const [issue] = error?.issues ?? []
  if (!issue) return data as z.output<Schema>
  const path = issue.path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
  const field = path.replace(/^\./, '')
  throw new BadRequest(`${field || 'The body'}: ${issue.message}.`, field || undefined)
}

/** Tools of a client are ignored, since an agent has its own; but it cannot be made to call one of them. */
export function checkToolChoice(choice: unknown): void {
  const type = isRecord(choice) ? choice.type : choice
  if (type === undefined || type === null || type === 'auto' || type === 'none') return
  throw new BadRequest(
    'An agent uses its own tools, and cannot be made to call one of the client: tool_choice must be auto or none.',
    'tool_choice',
    'unsupported',
  )
}

/** What the answer must fit: `json_schema` with its schema, or `json_object`. */
export function schemaOf(type: string | undefined, schema: unknown, param: string): JsonSchema | undefined {
  switch (type) {
    case undefined:
    case 'text':
      return undefined

    case 'json_object':
      return {type: 'object'}

    case 'json_schema':
      if (isRecord(schema)) return schema as JsonSchema
      throw new BadRequest(`${param} has no schema.`, param)

    default:
      throw new BadRequest(`${param} of type ${JSON.stringify(type)} is not supported.`, param, 'unsupported')
  }
}
