import type {Files, Run, Turn, Verdict} from 'clinvk-contract'
import {denialsOf} from './denial.js'
import {readTurn} from './rollout.js'
import {sum, usageOf} from './usage.js'

/**
 * Adds what codex tells in the file of the thread alone: the model that was used,
 * the tokens of this turn (what it prints is the total of the thread, and
 * nothing when the turn was interrupted), and what its sandbox has denied.
 */
export async function settle(
  turn: Turn,
  verdict: Verdict,
  files: Files,
  {sessionId, startedAt}: Run,
): Promise<Verdict> {
  if (turn.session.kind === 'ephemeral' || sessionId === undefined) return verdict
  const lines = await readTurn(files, sessionId, startedAt)
  if (!lines) return verdict
  const model = lines.findLast(({payload, type}) => type === 'turn_context' && payload?.model)?.payload?.model
  const calls = lines.flatMap(({payload, type}) =>
    type === 'token_usage_record' && payload?.usage ? [payload.usage] : [],
  )
  const found = denialsOf(lines, turn)
  const told = verdict.denials?.filter(({tool}) => !found.some((denial) => denial.tool === tool)) ?? []
  const denials = [...told, ...found]
  return {
    ...verdict,
    model: model ?? verdict.model,
    usage: calls.length === 0 ? verdict.usage : usageOf(sum(calls)),
    denials: denials.length === 0 ? verdict.denials : denials,
  }
}
