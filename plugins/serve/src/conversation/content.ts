import {BadRequest} from '../core/errors.js'

/**
 * The text of a message's content: a string, or a list of parts. Throws a BadRequest that names a part that is no text.
 * Parts of an answer are pieces of one text.
 */
export function textOf(content: unknown, param: string, role = 'user'): string {
  if (content === null || content === undefined) return ''
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) throw new BadRequest(`${param} must be a text or a list of parts.`, param)
  const texts = content.flatMap((part: unknown, index) => partText(part, `${param}[${index}]`) ?? [])
  return texts.join(role === 'assistant' ? '' : '\n')
}

function partText(part: unknown, param: string): string | undefined {
  if (typeof part === 'string') return part
  const {type, ...fields} = (part ?? {}) as Readonly<Record<string, unknown>>
  switch (type) {
    case 'text':
    case 'input_text':
    case 'output_text':
      return typeof fields.text === 'string' ? fields.text : ''

    case 'refusal':
      return typeof fields.refusal === 'string' ? fields.refusal : ''

    // The agent has its own.
    case 'thinking':
    case 'redacted_thinking':
    case 'reasoning':
      return undefined

    case 'tool_use':
      return toolCall(fields.name, fields.input)

    case 'tool_result':
      return textOf(fields.content, `${param}.content`)

    default:
      throw new BadRequest(
        `${param} is of type ${JSON.stringify(type ?? null)}. Only text can be passed to an agent; name a file in the text, and the agent reads it.`,
        param,
        'unsupported',
      )
  }
}

/** A tool that another program has called for the assistant, as a text. */
export function toolCall(name: unknown, input: unknown): string {
  return `[Called ${String(name)}: ${typeof input === 'string' ? input : JSON.stringify(input ?? null)}]`
}
