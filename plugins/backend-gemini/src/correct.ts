import type {Run, Verdict} from 'clinvk-contract'
import {type StoredMessage, textOf} from './session-file.js'
import {usageOfMessages} from './usage.js'

/** What the messages of this run in gemini's own file know better than its stream. */
export function corrected(
  {content: streamed, ...verdict}: Verdict,
  messages: readonly StoredMessage[],
  {startedAt}: Run,
): Verdict {
  const answers = messages.filter(
    ({timestamp, type}) => type === 'gemini' && timestamp !== undefined && new Date(timestamp) >= startedAt,
  )
  const model = answers.at(-1)?.model ?? verdict.model
  // A turn that was stopped has no result. The call under way, and the one that chose the model, are not in its file.
  const usage = verdict.usage ?? usageOfMessages(answers)
  const content = withoutRepeats(streamed, answers)
  return {
    ...verdict,
    ...(model === undefined ? {} : {model}),
    ...(usage === undefined ? {} : {usage}),
    ...(content === undefined ? {} : {content}),
  }
}

/**
 * When a stream breaks, gemini 0.61.0 asks again without a word, and the answer
 * begins anew behind what was streamed of the first try. Its file holds the answer
 * alone, though trimmed and without HTML comments, so it counts only when it says
 * less. Undefined when the stream was right.
 */
function withoutRepeats(streamed: string | undefined, answers: readonly StoredMessage[]): string | undefined {
  const texts = answers.map((answer) => textOf(answer)).filter((text) => text !== '')
  if (streamed === undefined || texts.length === 0) return undefined
  const kept = texts.join('\n\n')
  return bare(streamed).length > bare(kept).length ? kept : undefined
}

/** The part that the file has in common with the stream. */
function bare(text: string): string {
  return text.replaceAll(/<!--[^]*?-->|[\s\u200B-\u200F\uFEFF]/gu, '')
}
