import {setMaxListeners} from 'node:events'
import type {Config} from '@oclif/core'
import {ioOf} from 'clinvk-kit/command'
import type {PromptCall, PromptRequest, PromptResult} from 'clinvk-kit/for-plugins/kit'
import {checkRunFile} from 'clinvk-kit/runs/check-run-file'
import {promptSchema} from 'clinvk-kit/runs/run-file-schema'
import {prepareTurn} from 'clinvk-kit/turn/prepare'
import {type TurnRequest, turnOptionsFrom} from 'clinvk-kit/turn/request'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {runPrompt} from 'clinvk-kit/turn/run-prompt'
import {lookAround} from 'clinvk-kit/turn/surroundings'
import {dryRunData} from '../output/dry-run.js'
import type {TurnList} from './turn-list.js'

export interface SendOptions {
  readonly config: Config
  readonly turns: TurnList
  /** Makes a result of an error, and throws what is a bug. */
  readonly failed: (error: unknown) => TurnResult
}

/** Sends a prompt for a plugin: `Kit.prompt`. */
export async function send(
  asked: PromptRequest,
  {env, hurry, output, stop}: PromptCall,
  {config, failed, turns}: SendOptions,
): Promise<PromptResult> {
  const own = new AbortController()
  const interrupts = {stop: AbortSignal.any([stop, own.signal]), hurry}
  setMaxListeners(0, interrupts.stop)
  const listed = turns.listed(output, () => own.abort('SIGTERM'))
  try {
    const request = requestFrom(asked)
    const surroundings = await lookAround(config, ioOf(config), {workdir: request.workdir})
    for (const note of surroundings.notes) output.notice(note)
    const context = await surroundings.turn(listed)
    const prepared = await prepareTurn(request, {...context, env: {...context.env, ...env}})
    const {dryRun, result} = await runPrompt(prepared, interrupts)
    if (!dryRun) return result
    await listed.done(result)
    return {...result, dry_run: dryRunData(dryRun)}
  } catch (error) {
    const result = failed(error)
    await listed.done(result)
    return result
  }
}

function requestFrom({session = NEW, ...fields}: PromptRequest): TurnRequest {
  const {prompt, ...options} = checkRunFile(promptSchema, fields)
  const named: Readonly<Record<string, unknown>> = options
  return {...turnOptionsFrom(({field}) => named[field]), prompt, session}
}

const NEW = {kind: 'new', fresh: true, tags: []} as const
