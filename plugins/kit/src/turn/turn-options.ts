import {statSync} from 'node:fs'
import {resolve} from 'node:path'
import type {BackendEntry} from '../backends/discover.js'
import type {Descriptor, OptionValue, Turn} from 'clinvk-contract'
import {Failure} from '../failure.js'
import type {TurnRequest} from '../request.js'
import type {Settings} from '../settings/settings.js'

type TurnOptions = Omit<Turn, 'prompt' | 'cwd' | 'session'>

/**
 * The options of a turn: flag over `backends.<name>` over `unified_flags`. A
 * unified limit that this backend does not know is left out with a notice;
 * everything that was asked of this backend itself stays, to be refused.
 */
export function turnOptions(
  request: TurnRequest,
  {descriptor, name}: BackendEntry,
  settings: Settings,
  cwd: string,
): TurnOptions & {notices: string[]; timeout?: number; maxTokens?: number} {
  const own = settings.backends[name] ?? {}
  const unified = settings.unified_flags
  const notices: string[] = []
  const model = request.model ?? own.model
  const systemPrompt = request.systemPrompt ?? own.system_prompt
  const timeout = request.timeout ?? Math.min(unified.command_timeout_secs * 1000, LONGEST)

  let {maxTurns} = request
  if (maxTurns === undefined && unified.max_turns > 0) {
    if (descriptor.capabilities.maxTurns) maxTurns = unified.max_turns
    else
      notices.push(`unified_flags.max_turns has no effect on ${name}: ${descriptor.title} has no such limit.`)
  }

  let {maxTokens} = request
  if (maxTokens !== undefined && !descriptor.capabilities.usageWhileRunning) {
    throw new Failure(
      'refused',
      `max_tokens is refused: ${descriptor.title} does not tell its tokens while it runs.`,
    )
  }

  if (maxTokens === undefined && unified.max_tokens > 0) {
    if (descriptor.capabilities.usageWhileRunning) maxTokens = unified.max_tokens
    else
      notices.push(
        `unified_flags.max_tokens has no effect on ${name}: ${descriptor.title} does not tell its tokens while it runs.`,
      )
  }

  const options = ownOptions(descriptor, own)
  const ownTools = own.allowed_tools ? [own.allowed_tools] : []
  return {
    approval: request.approval ?? own.approval_mode ?? unified.approval_mode,
    sandbox: request.sandbox ?? own.sandbox_mode ?? unified.sandbox_mode,
    allowedTools: request.allowedTools.length > 0 ? request.allowedTools : ownTools,
    addDirs: request.addDirs.map((path) => existingDirectory(resolve(cwd, path))),
    extra: [...(own.extra_flags ?? []), ...request.extra],
    notices,
    ...(model ? {model: modelNamed(model, descriptor)} : {}),
    ...(systemPrompt === undefined ? {} : {systemPrompt}),
    ...(maxTurns === undefined ? {} : {maxTurns}),
    ...(timeout > 0 ? {timeout} : {}),
    ...(maxTokens === undefined ? {} : {maxTokens}),
    ...(Object.keys(options).length > 0 ? {options} : {}),
  }
}

/** As the agent names it: aliases of the descriptor are resolved. */
export function modelNamed(model: string, {models = {}}: Pick<Descriptor, 'models'>): string {
  return Object.hasOwn(models, model) ? models[model]! : model
}

/** Those that the backend has declared; they were checked with the rest of the settings. */
function ownOptions(
  {options = {}}: Descriptor,
  own: Readonly<Record<string, unknown>>,
): Record<string, OptionValue> {
  return Object.fromEntries(
    Object.keys(options).flatMap((name) =>
      Object.hasOwn(own, name) ? [[name, own[name] as OptionValue]] : [],
    ),
  )
}

function existingDirectory(path: string): string {
  if (statSync(path, {throwIfNoEntry: false})?.isDirectory()) return path
  throw new Failure('usage', `--add-dir: there is no directory ${path}`)
}

/** Timers take at most 2^31 - 1 milliseconds; longer ones would fire at once. */
const LONGEST = 2 ** 31 - 1
