import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Finding} from 'clinvk-kit/hooks/doctor'
import {formatDuration} from 'clinvk-kit/format/time'
import {formatNumber, oneLine} from 'clinvk-kit/format/text'
import {prepareTurn} from 'clinvk-kit/turn/prepare'
import {turnOptionsFrom} from 'clinvk-kit/turn/request'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {runTurn} from 'clinvk-kit/turn/run-turn'
import type {Surroundings} from 'clinvk-kit/turn/surroundings'

/** Runs one small turn in an empty directory, so that no project's instructions are sent. Nothing of it is kept. */
export async function liveTurn(
  backend: string,
  surroundings: Surroundings,
  notice: (message: string) => void,
): Promise<TurnResult> {
  const workdir = await mkdtemp(join(tmpdir(), 'clinvk-live-'))
  try {
    const ignore = () => undefined
    const context = await surroundings.turn({
      needsContent: true,
      start: ignore,
      event: ignore,
      done: ignore,
      notice,
    })
    const session = {kind: 'ephemeral'} as const
    const request = {
      ...turnOptionsFrom(ignore),
      prompt: LIVE_PROMPT,
      backend,
      session,
      workdir,
      dryRun: false,
    }
    return await runTurn(await prepareTurn(request, context), surroundings.io.interrupts())
  } finally {
    await rm(workdir, {recursive: true, force: true})
  }
}

export function liveFinding(title: string, result: TurnResult): Finding {
  const {content, duration_seconds: seconds, error, model, usage} = result
  const time = formatDuration(seconds * 1000)
  if (error) return {state: 'problem', message: `${title}: ${error.message} (${time})`, hints: error.hints}
  const tokens = usage?.total_tokens === undefined ? undefined : `${formatNumber(usage.total_tokens)} tokens`
  const facts = [model, tokens, time].filter((fact) => fact !== undefined).join(', ')
  const answer = oneLine(content).slice(0, MOST_CHARACTERS)
  return {state: 'ok', message: `${title} answers: ${answer} (${facts})`}
}

export const LIVE_PROMPT = 'Reply with OK.'

const MOST_CHARACTERS = 200
