import {realpathSync, statSync} from 'node:fs'
import {resolve} from 'node:path'
import type {Descriptor, OptionValue, Turn} from 'clinvk-contract'
import type {BackendEntry} from '../backends/discover.js'
import {Failure} from '../errors/failure.js'
import {quoteCommand} from '../format/text.js'
import {LONGEST_TIMER_MS, parseDuration} from '../format/time.js'
import type {Settings} from '../settings/settings.js'
import type {TurnRequest} from './request.js'

/** Limits that clinvk itself keeps. */
export interface TurnLimits {
  /** Milliseconds; the whole turn. */
  readonly timeout?: number
  /** Milliseconds without output. */
  readonly idleTimeout?: number
  /** Tokens of the whole turn, input and output together. */
  readonly maxTokens?: number
  /** Milliseconds in all that the end of a rate limit is waited for. */
  readonly waitForReset?: number
}

/**
 * The options of a turn with their final values, and notices for the user about settings that have no effect on this
 * backend. The request wins over `backends.<name>`, and that over `unified_flags`. A limit of a whole run or from
 * `unified_flags` that this backend does not support becomes a notice; whatever was asked of this backend itself stays,
 * and is refused later.
 */
export function resolveOptions(
  request: TurnRequest,
  {descriptor, name}: BackendEntry,
  settings: Settings,
  cwd: string,
): {turn: Omit<Turn, 'prompt' | 'cwd' | 'session'>; limits: TurnLimits; notices: string[]} {
  const {capabilities, title} = descriptor
  const own = settings.backends[name] ?? {}
  const values = own as Record<string, OptionValue>
  const unified = settings.unified_flags
  const notices: string[] = []

  const sharedLimit = (
    key: 'max_turns' | 'max_tokens',
    ofRun: number | undefined,
    isSupported = false,
    reason: string,
  ) => {
    const limit = ofRun ?? (unified[key] || undefined)
    if (limit === undefined || isSupported) return limit
    const setting = ofRun === undefined ? `unified_flags.${key}` : key
    notices.push(`${setting} has no effect on ${name}: ${title} ${reason}.`)
    return undefined
  }

  if (request.maxTokens !== undefined && !capabilities.usageWhileRunning)
    throw new Failure('refused', `--max-tokens is refused: ${title} ${NO_USAGE}.`)
  const addDirs = request.addDirs.map((path) => resolve(cwd, path))
  const missing = addDirs.find((path) => !isDirectory(path))
  if (missing !== undefined) throw new Failure('usage', `--add-dir: Directory not found: ${missing}`)
  const names = Object.keys(descriptor.options ?? {}).filter((option) => Object.hasOwn(own, option))
  const model = request.model ?? own.model
  const timeout = request.timeout ?? Math.min(unified.command_timeout_secs * 1000, LONGEST_TIMER_MS)
  return {
    turn: {
      model: model ? modelNamed(model, descriptor) : undefined,
      approval: request.approval ?? own.approval_mode ?? unified.approval_mode,
      sandbox: request.sandbox ?? own.sandbox_mode ?? unified.sandbox_mode,
      systemPrompt: request.systemPrompt ?? own.system_prompt,
      maxTurns:
        request.maxTurns ??
        sharedLimit('max_turns', request.shared?.maxTurns, capabilities.maxTurns, 'has no such limit'),
      maxCost: request.maxCost,
      allowedTools:
        request.allowedTools.length === 0 && own.allowed_tools ? [own.allowed_tools] : request.allowedTools,
      addDirs,
      extra: [...(own.extra_flags ?? []), ...request.extra],
      // They were checked with the rest of the settings.
      options:
        names.length === 0 ? undefined : Object.fromEntries(names.map((option) => [option, values[option]!])),
    },
    limits: {
      timeout: timeout > 0 ? timeout : undefined,
      idleTimeout: request.idleTimeout || undefined,
      waitForReset: (request.waitForReset ?? parseDuration(unified.wait_for_reset)) || undefined,
      maxTokens:
        request.maxTokens ??
        sharedLimit('max_tokens', request.shared?.maxTokens, capabilities.usageWhileRunning, NO_USAGE),
    },
    notices,
  }
}

/** As the agent names it: aliases of the descriptor are resolved. */
export function modelNamed(model: string, {models = {}}: Pick<Descriptor, 'models'>): string {
  return Object.hasOwn(models, model) ? models[model]! : model
}

/** The real path of the directory that a turn runs in: the session's, or what was asked for, or the current one. */
export function workingDirectory(
  asked: string | undefined,
  session: {readonly id: string; readonly directory: string} | undefined,
  cwd: string,
): string {
  const wanted = asked === undefined ? undefined : realDirectory(resolve(cwd, asked))
  if (session === undefined) return wanted ?? realDirectory(cwd)
  const isElsewhere = !isDirectory(session.directory) || wanted !== realpathSync(session.directory)
  if (wanted !== undefined && isElsewhere) throw elsewhere(session, wanted)
  return directoryOfSession(session)
}

/** The Failure of a session that would have to be moved to run in this directory. */
export function elsewhere({directory, id}: {id: string; directory: string}, wanted: string): Failure {
  const short = id.slice(0, 8)
  const resume = quoteCommand(['clinvk', 'resume', short, '--workdir', wanted, '--move'])
  return new Failure(
    'usage',
    `Session ${short} belongs to ${directory || 'no directory'}, not to ${wanted}.`,
    [`Move it there and resume it: ${resume} "…"`, 'Or leave out --workdir.'],
  )
}

/** The real path of the directory that a session belongs to. Throws a Failure when it is gone. */
export function directoryOfSession({directory, id}: {id: string; directory: string}): string {
  if (isDirectory(directory)) return realpathSync(directory)
  const short = id.slice(0, 8)
  throw new Failure('session', `The directory of session ${short} is gone: ${directory}`, [
    `If it has another name or place now: clinvk resume ${short} --workdir NEW_DIR`,
    `The same for all its sessions: ${quoteCommand(['clinvk', 'sessions', 'move', '--from', directory, '--to', 'NEW_DIR'])}`,
  ])
}

/** The real path of a directory that a user has named. Throws a Failure where there is none. */
export function realDirectory(path: string): string {
  if (isDirectory(path)) return realpathSync(path)
  throw new Failure('usage', `Directory not found: ${path}`)
}

function isDirectory(path: string): boolean {
  return statSync(path, {throwIfNoEntry: false})?.isDirectory() ?? false
}

const NO_USAGE = 'does not report its tokens while it runs'
