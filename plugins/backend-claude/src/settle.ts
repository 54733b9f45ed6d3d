import {parseList} from 'clinvk-backend-sdk'
import type {Files, Run, Turn, Verdict} from 'clinvk-contract'
import {conversations} from './history.js'
import {BLOCK} from './messages.js'
import {type RecordLine, recordLines} from './record-lines.js'

/**
 * Claude 2.1.197 exits a moment after its last write, whether that has been read or not: what a busy or stopped clinvk
 * has not taken by then is lost, its result first. Claude's own file has the whole answer; where it does not go on from
 * what was printed, the turn stays failed.
 */
export async function settle(
  {cwd, session}: Turn,
  verdict: Verdict,
  files: Files,
  {sessionId: id, startedAt}: Run,
): Promise<Verdict> {
  const isLost = verdict.outcome === 'failed' && verdict.message.startsWith('claude ended with exit code 0')
  if (!isLost || session.kind === 'ephemeral' || id === undefined) return verdict
  const lines: RecordLine[] = []
  const [found] = await conversations(files, {id, cwd})
  for await (const line of found ? recordLines(found.paths[0]!, files) : [])
    if (line.message && !line.isSidechain && line.time >= startedAt.getTime()) lines.push(line)
  const {message: last, type} = lines.at(-1) ?? {}
  if (type !== 'assistant' || last?.stop_reason !== 'end_turn' || last.model?.startsWith('<')) return verdict
  const answers = lines.flatMap(({message, type}) =>
    type === 'assistant' ? parseList(message?.content, BLOCK) : [],
  )
  const texts = answers.flatMap(({text = '', type}) => (type === 'text' && text !== '' ? [text] : []))
  const content = texts.join('\n\n')
  const {denials, leftovers, model = last.model, usage} = verdict
  return content.startsWith(verdict.content ?? '')
    ? {outcome: 'success', content, model, usage, denials, leftovers}
    : verdict
}
