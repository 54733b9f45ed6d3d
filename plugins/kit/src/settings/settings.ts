import type {ApprovalMode, SandboxMode} from '../contract.js'

/** The settings of `config.yaml`, with the key names of the file (`docs/reference/configuration.md`). */
export interface Settings {
  readonly default_backend: string
  readonly unified_flags: {
    readonly approval_mode: ApprovalMode
    readonly sandbox_mode: SandboxMode
    readonly verbose: boolean
    readonly dry_run: boolean
    /** 0: no limit. */
    readonly max_turns: number
    readonly max_tokens: number
    readonly command_timeout_secs: number
  }
  readonly backends: Readonly<Record<string, BackendSettings>>
  readonly session: {
    readonly auto_resume: boolean
    readonly continue_scope: 'any' | 'here'
    readonly retention_days: number
    readonly store_token_usage: boolean
    readonly default_tags: readonly string[]
  }
  readonly output: {
    readonly format: 'default' | OutputFormat
    readonly show_tokens: boolean
    readonly show_timing: boolean
    readonly color: boolean
  }
}

export interface BackendSettings {
  readonly model?: string | undefined
  readonly allowed_tools?: string | undefined
  readonly approval_mode?: ApprovalMode | undefined
  readonly sandbox_mode?: SandboxMode | undefined
  readonly extra_flags?: readonly string[] | undefined
  readonly enabled?: boolean | undefined
  readonly system_prompt?: string | undefined
}

export type OutputFormat = 'text' | 'json' | 'stream-json'

export const DEFAULTS: Settings = {
  default_backend: 'claude',
  unified_flags: {
    approval_mode: 'default',
    sandbox_mode: 'default',
    verbose: false,
    dry_run: false,
    max_turns: 0,
    max_tokens: 0,
    command_timeout_secs: 0,
  },
  backends: {},
  session: {
    auto_resume: false,
    continue_scope: 'any',
    retention_days: 30,
    store_token_usage: true,
    default_tags: [],
  },
  output: {format: 'default', show_tokens: false, show_timing: false, color: true},
}
