import type {z} from 'zod'
import type {settingsSchema} from './schema.js'

/** The settings of `config.yaml`, with the key names of the file (`docs/reference/configuration.md`). */
export type Settings = DeepReadonly<z.output<typeof settingsSchema>>

export type OutputFormat = Exclude<Settings['output']['format'], 'default'>

/** What the schema gives for an empty file; said once more, because a start without a file does not load the schema. */
export const DEFAULTS: Settings = {
  default_backend: 'claude',
  unified_flags: {
    approval_mode: 'default',
    sandbox_mode: 'default',
    max_turns: 0,
    max_tokens: 0,
    command_timeout_secs: 0,
    dry_run: false,
    verbose: false,
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
  parallel: {max_workers: 3, fail_fast: false, aggregate_output: true},
  trust: {plugins: [], only: false},
}

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? {readonly [Key in keyof T]: DeepReadonly<T[Key]>}
    : T
