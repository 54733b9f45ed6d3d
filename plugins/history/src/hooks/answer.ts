import type {Config} from '@oclif/core'
import type {AnswerQuestion, RecordedAnswer} from 'clinvk-kit/hooks/recover'
import {historyContext, recordOf} from '../transcript/read-turns.js'

/** Answers `history:answer`: what an agent has recorded of the prompt that a conversation was sent last. */
export default async function answer({
  backend,
  config,
  conversation,
  since,
}: AnswerQuestion & {readonly config: Config}): Promise<RecordedAnswer | undefined> {
  const context = await historyContext(config)
  const record = await recordOf({conversation: {backend, ...conversation}}, context)
  if (!record) return undefined
  let texts: string[] | undefined
  let model: string | undefined
  let isWhole = false
  for await (const entry of record.entries) {
    if (entry.type === 'end') isWhole = true
    if (!('role' in entry) || entry.subAgent !== undefined) continue
    if (entry.type === 'text' && entry.role === 'user')
      texts = Date.parse(entry.at) >= Date.parse(since) - CLOCKS_DIFFER_MS ? [] : undefined
    else if (entry.type === 'text') texts?.push(entry.text)
    isWhole = false
    model = entry.model ?? model
  }
  return texts && {content: isWhole ? texts.join('\n\n') : undefined, model}
}

/** Some agents write times in whole seconds. */
const CLOCKS_DIFFER_MS = 1000
