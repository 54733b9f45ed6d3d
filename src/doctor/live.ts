import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {backendsOf} from 'clinvk-kit/backends/discover'
import type {TurnContext, TurnOutput} from 'clinvk-kit/turn/context'
import type {Interrupts} from 'clinvk-kit/turn/interrupts'
import {prepareTurn} from 'clinvk-kit/turn/prepare'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {runTurn} from 'clinvk-kit/turn/run-turn'
import {turnHooks} from '../prompt/hooks.js'
import type {DoctorContext} from './context.js'

/** One tiny turn with a backend, of which nothing is kept, in an empty directory: no project's instructions are sent along. */
export async function liveTurn(
  backend: string,
  {config, env, settings}: DoctorContext,
  interrupts: Interrupts,
): Promise<TurnResult> {
  const notice = (message: string) => process.stderr.write(`Note: ${message}\n`)
  const cwd = await mkdtemp(join(tmpdir(), 'clinvk-live-'))
  try {
    const output: TurnOutput = {
      needsContent: true,
      start: () => undefined,
      event: () => undefined,
      done: () => undefined,
      notice,
    }
    const {backends} = backendsOf(config)
    const settingsIn = () => Promise.resolve(settings)
    const hooks = turnHooks(config, notice)
    const context: TurnContext = {cwd, env, settings, settingsIn, backends, hooks, output}
    const request = {
      prompt: LIVE_PROMPT,
      backend,
      session: {kind: 'ephemeral'} as const,
      allowedTools: [],
      addDirs: [],
      extra: [],
      dryRun: false,
    }
    return await runTurn(await prepareTurn(request, context), context, interrupts)
  } finally {
    await rm(cwd, {recursive: true, force: true})
  }
}

export const LIVE_PROMPT = 'Reply with OK.'
