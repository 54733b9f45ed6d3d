// Written by `npm run docs` from schema.ts, which takes too long to load for short commands.
import type {Settings} from './schema.js'

export type {Settings} from './schema.js'

export const DEFAULTS: Settings = {
  default_backend: 'claude',
  unified_flags: {
    approval_mode: 'default',
    sandbox_mode: 'default',
    max_turns: 0,
    max_tokens: 0,
    command_timeout_secs: 0,
    wait_for_reset: '0',
    dry_run: false,
    verbose: false,
  },
  backends: {},
  session: {
    auto_resume: false,
    continue_scope: 'any',
    retention_days: 30,
    store_token_usage: true,
    store_transcripts: true,
    default_tags: [],
  },
  history: {archive: 'sessions', max_size: '5 GiB'},
  handoff: {max_tokens: 100000},
  output: {format: 'default', show_tokens: false, show_timing: false, show_summary: true, color: true},
  parallel: {max_workers: 3, fail_fast: false, aggregate_output: true},
  worktree: {},
  trust: {plugins: [], only: false},
  prices: {},
}
