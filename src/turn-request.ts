import type {ApprovalMode, SandboxMode} from 'clinvk-contract'
import {Failure} from 'clinvk-kit/failure'
import type {SessionRequest, TurnRequest} from 'clinvk-kit/request'

/** The flags of `prompt`, as oclif has parsed them. */
export interface PromptFlags {
  backend?: string | undefined
  model?: string | undefined
  workdir?: string | undefined
  'approval-mode'?: ApprovalMode | undefined
  'sandbox-mode'?: SandboxMode | undefined
  'system-prompt'?: string | undefined
  'max-turns'?: number | undefined
  'allowed-tools'?: string[] | undefined
  'add-dir'?: string[] | undefined
  extra?: string[] | undefined
  timeout?: number | undefined
  'idle-timeout'?: number | undefined
  'dry-run'?: boolean | undefined
  continue: boolean
  session?: string | undefined
  new: boolean
  ephemeral: boolean
  name?: string | undefined
  tag?: string[] | undefined
}

/** Flags as a request: plain data, nothing looked up yet. */
export function turnRequest(prompt: string, flags: PromptFlags): TurnRequest {
  return {
    prompt,
    session: sessionRequest(flags),
    allowedTools: flags['allowed-tools'] ?? [],
    addDirs: flags['add-dir'] ?? [],
    extra: flags.extra ?? [],
    ...(flags['dry-run'] === undefined ? {} : {dryRun: flags['dry-run']}),
    ...(flags.backend === undefined ? {} : {backend: flags.backend}),
    ...(flags.model === undefined ? {} : {model: flags.model}),
    ...(flags.workdir === undefined ? {} : {workdir: flags.workdir}),
    ...(flags['approval-mode'] === undefined ? {} : {approval: flags['approval-mode']}),
    ...(flags['sandbox-mode'] === undefined ? {} : {sandbox: flags['sandbox-mode']}),
    ...(flags['system-prompt'] === undefined ? {} : {systemPrompt: flags['system-prompt']}),
    ...(flags['max-turns'] === undefined ? {} : {maxTurns: flags['max-turns']}),
    ...(flags.timeout === undefined ? {} : {timeout: flags.timeout}),
    ...(flags['idle-timeout'] === undefined ? {} : {idleTimeout: flags['idle-timeout']}),
  }
}

function sessionRequest({
  continue: goOn,
  ephemeral,
  name,
  new: fresh,
  session,
  tag: tags = [],
}: PromptFlags): SessionRequest {
  if (tags.some((tag) => tag.trim() === '')) throw new Failure('usage', 'A tag must not be empty.')
  if (ephemeral) return {kind: 'ephemeral'}
  if (session !== undefined) return {kind: 'named', reference: session, tags}
  if (goOn) return {kind: 'continue', tags}
  return {kind: 'new', fresh, tags, ...(name === undefined ? {} : {name})}
}
