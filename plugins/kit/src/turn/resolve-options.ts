import {statSync, realpathSync} from 'node:fs'
import type {Descriptor, OptionValue, Turn} from 'clinvk-contract'
import type {BackendEntry} from '../backends/discover.js'
import type {TurnRequest} from './request.js'
import type {Settings} from '../settings/settings.js'
import {resolve} from 'node:path'
import {Failure} from '../errors/failure.js'

/** The options of a turn with their final values: those that the backend is given, and those that clinvk keeps. */
export interface ResolvedOptions {
  readonly turn: Omit<Turn, 'prompt' | 'cwd' | 'session'>
  readonly limits: TurnLimits
  /** For the user: settings that have no effect on this backend. */
  readonly notices: readonly string[]
}

/** What clinvk itself enforces while the agent runs. */
export interface TurnLimits {
  /** Milliseconds; the whole turn. */
  readonly timeout?: number
  /** Milliseconds without output. */
  readonly idleTimeout?: number
  /** Tokens of the whole turn, input and output together. */
  readonly maxTokens?: number
}

/**
 * Resolves each option: the request wins over `backends.<name>`, and that over `unified_flags`. A limit from
 * `unified_flags` that this backend does not support becomes a notice; whatever was asked of this backend itself
 * stays, and is refused later.
 */
export function resolveOptions(
  request: TurnRequest,
  {descriptor, name}: BackendEntry,
  settings: Settings,
  cwd: string,
): ResolvedOptions {
  const {capabilities, title} = descriptor
  const own = settings.backends[name] ?? {}
  const unified = settings.unified_flags
  const notices: string[] = []

  const unifiedLimit = (
    key: 'max_turns' | 'max_tokens',
    isSupported: boolean | undefined,
    reason: string,
  ) => {
    if (unified[key] === 0) return undefined
    if (isSupported) return unified[key]
    notices.push(`unified_flags.${key} has no effect on ${name}: ${title} ${reason}.`)
    return undefined
  }

  if (request.maxTokens !== undefined && !capabilities.usageWhileRunning)
    throw new Failure('refused', `max_tokens is refused: ${title} ${NO_USAGE}.`)
  const model = request.model ?? own.model
  const timeout = request.timeout ?? Math.min(unified.command_timeout_secs * 1000, LONGEST_TIMER_MS)
  return {
    turn: {
      model: model ? modelNamed(model, descriptor) : undefined,
      approval: request.approval ?? own.approval_mode ?? unified.approval_mode,
      sandbox: request.sandbox ?? own.sandbox_mode ?? unified.sandbox_mode,
      systemPrompt: request.systemPrompt ?? own.system_prompt,
      maxTurns: request.maxTurns ?? unifiedLimit('max_turns', capabilities.maxTurns, 'has no such limit'),
      allowedTools:
        request.allowedTools.length === 0 && own.allowed_tools ? [own.allowed_tools] : request.allowedTools,
      addDirs: request.addDirs.map((path) => existingDirectory(resolve(cwd, path), '--add-dir: ')),
      extra: [...(own.extra_flags ?? []), ...request.extra],
      options: ownOptions(descriptor, own),
    },
    limits: {
      timeout: timeout > 0 ? timeout : undefined,
      idleTimeout: request.idleTimeout,
      maxTokens: request.maxTokens ?? unifiedLimit('max_tokens', capabilities.usageWhileRunning, NO_USAGE),
    },
    notices,
  }
}

/** As the agent names it: aliases of the descriptor are resolved. */
export function modelNamed(model: string, {models = {}}: Pick<Descriptor, 'models'>): string {
  return Object.hasOwn(models, model) ? models[model]! : model
}

/** The options that only this backend has; they were checked with the rest of the settings. */
function ownOptions(
  {options = {}}: Descriptor,
  own: Readonly<Record<string, unknown>>,
): Record<string, OptionValue> | undefined {
  const names = Object.keys(options).filter((name) => Object.hasOwn(own, name))
  if (names.length === 0) return undefined
  return Object.fromEntries(names.map((name) => [name, own[name] as OptionValue]))
}

const NO_USAGE = 'does not report its tokens while it runs'
/** Node's timers take at most 2^31 - 1 milliseconds; longer ones would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The real path of the directory that a turn runs in: the session's, or what was asked for, or the current one. */
export function workingDirectory(
  asked: string | undefined,
  ofSession: string | undefined,
  cwd: string,
): string {
  const wanted = asked === undefined ? undefined : resolve(cwd, asked)
  if (ofSession === undefined) return existingDirectory(wanted ?? cwd)
  const real = directoryOfSession(ofSession)
  if (wanted !== undefined && existingDirectory(wanted) !== real) {
    throw new Failure('usage', `This session belongs to ${ofSession}; it cannot be resumed in ${wanted}.`, [
      'Leave out --workdir, or start a new session there.',
    ])
  }

  return real
}

/** The real path of the directory that a session belongs to. Throws a Failure when it is gone. */
export function directoryOfSession(directory: string): string {
  const real = realDirectory(directory)
  if (real !== undefined) return real
  throw new Failure('session', `The directory of this session is gone: ${directory}`, [
    'Create it again, or start a new session where you are.',
  ])
}

function existingDirectory(path: string, option = ''): string {
  const real = realDirectory(path)
  if (real !== undefined) return real
  throw new Failure('usage', `${option}Directory not found: ${path}`)
}

function realDirectory(path: string): string | undefined {
  return statSync(path, {throwIfNoEntry: false})?.isDirectory() ? realpathSync(path) : undefined
}
