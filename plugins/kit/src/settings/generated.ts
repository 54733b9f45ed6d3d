// Written by `npm run docs` from schema.ts, which takes too long to load for completion and short commands.
export interface KnownSetting {
  readonly key: string
  readonly description: string
  /** Where there is a choice. */
  readonly values?: readonly string[]
}

export const SCHEMA_DEFAULTS = {
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
} as const

/** Every setting, those of a backend under `backends.<name>`. */
export const KNOWN_SETTINGS: readonly KnownSetting[] = [
  {key: 'default_backend', description: 'The backend used without --backend'},
  {
    key: 'unified_flags.approval_mode',
    description: 'What the agent may do without asking',
    values: ['default', 'auto', 'none', 'always'],
  },
  {
    key: 'unified_flags.sandbox_mode',
    description: 'What the agent may change',
    values: ['default', 'read-only', 'workspace', 'full'],
  },
  {
    key: 'unified_flags.max_turns',
    description: 'Maximum number of agent steps in one turn, where the agent has such a limit',
  },
  {
    key: 'unified_flags.max_tokens',
    description:
      'Maximum number of tokens in one turn, input and output together, where the agent reports them while it runs',
  },
  {key: 'unified_flags.command_timeout_secs', description: 'Maximum number of seconds for one turn'},
  {
    key: 'unified_flags.dry_run',
    description: "Print the agent's command without running it",
    values: ['true', 'false'],
  },
  {
    key: 'unified_flags.verbose',
    description: 'Print the command that is run and what the agent writes to standard error',
    values: ['true', 'false'],
  },
  {key: 'backends.<name>.enabled', description: 'false disables the backend', values: ['true', 'false']},
  {key: 'backends.<name>.model', description: 'Its model, or one of fast, balanced, best'},
  {
    key: 'backends.<name>.approval_mode',
    description: 'Used instead of unified_flags.approval_mode',
    values: ['default', 'auto', 'none', 'always'],
  },
  {
    key: 'backends.<name>.sandbox_mode',
    description: 'Used instead of unified_flags.sandbox_mode',
    values: ['default', 'read-only', 'workspace', 'full'],
  },
  {
    key: 'backends.<name>.allowed_tools',
    description: "Tools that need no approval, in the agent's own notation",
  },
  {key: 'backends.<name>.system_prompt', description: "Replaces the agent's own system prompt"},
  {
    key: 'backends.<name>.extra_flags',
    description: "Arguments for the agent's own command line, passed on unchanged",
  },
  {
    key: 'session.auto_resume',
    description: 'A plain prompt continues the last session of its directory',
    values: ['true', 'false'],
  },
  {key: 'session.continue_scope', description: 'Which session -c continues', values: ['any', 'here']},
  {key: 'session.retention_days', description: 'Days that sessions clean keeps sessions'},
  {
    key: 'session.store_token_usage',
    description: 'Store token usage with sessions. If false, none is stored or shown',
    values: ['true', 'false'],
  },
  {key: 'session.default_tags', description: 'Tags of every new session'},
  {
    key: 'output.format',
    description: 'Format of answers',
    values: ['default', 'text', 'json', 'stream-json'],
  },
  {
    key: 'output.show_tokens',
    description: 'Print the number of tokens after an answer in text',
    values: ['true', 'false'],
  },
  {
    key: 'output.show_timing',
    description: 'Print the duration after an answer in text',
    values: ['true', 'false'],
  },
  {key: 'output.color', description: 'Use colour on terminals that support it', values: ['true', 'false']},
  {key: 'parallel.max_workers', description: 'Number of turns that run at the same time'},
  {
    key: 'parallel.fail_fast',
    description: 'Stop the other turns when one has failed',
    values: ['true', 'false'],
  },
  {
    key: 'parallel.aggregate_output',
    description: 'Print a table of all results at the end',
    values: ['true', 'false'],
  },
  {
    key: 'trust.plugins',
    description: 'Packages that install from the registry without confirmation, as the official ones do',
  },
  {
    key: 'trust.only',
    description: 'Refuse every plugin that is neither official nor in trust.plugins, even with --yes',
    values: ['true', 'false'],
  },
]
