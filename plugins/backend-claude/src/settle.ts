import type {Files, Run, Turn, Verdict} from 'clinvk-contract'
import {linesOf} from './conversation.js'

/**
 * Claude 2.1.197 exits a moment after its last write, whether that has been read or not: what a busy or stopped clinvk
 * has not taken by then is lost, its result first. Claude's own file has the whole answer; where it does not go on from
 * what was printed, the turn stays failed.
 */
export async function settle(
  {session}: Turn,
  verdict: Verdict,
  files: Files,
  {sessionId: id, startedAt}: Run,
): Promise<Verdict> {
  const isLost = verdict.outcome === 'failed' && verdict.message.startsWith('claude ended with exit code 0')
  if (!isLost || session.kind === 'ephemeral' || id === undefined) return verdict
  const lines = (await linesOf(id, files)).filter(
    ({isSidechain, timestamp = ''}) => !isSidechain && Date.parse(timestamp) >= startedAt.getTime(),
  )
  const {message: last, type} = lines.at(-1) ?? {}
  if (type !== 'assistant' || last?.stop_reason !== 'end_turn' || last.model?.startsWith('<')) return verdict
  const answers = lines.flatMap(({message, type}) => (type === 'assistant' ? (message?.content ?? []) : []))
  const texts = answers.flatMap(({text = '', type}) => (type === 'text' && text !== '' ? [text] : []))
  const content = texts.join('\n\n')
  const {denials, leftovers, model = last.model, usage} = verdict
  return content.startsWith(verdict.content ?? '')
    ? {outcome: 'success', content, model, usage, denials, leftovers}
    : verdict
}
