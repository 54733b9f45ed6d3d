// Written by npm run docs from schema.ts, which takes longer to load than a person waits for a TAB.
export interface KnownSetting {
  readonly key: string
  readonly description: string
  /** Where there is a choice. */
  readonly values?: readonly string[]
}

/** Every setting, those of a backend under `backends.<name>`. */
export const KNOWN_SETTINGS: readonly KnownSetting[] = [
  {key: 'default_backend', description: 'The backend of a prompt without --backend'},
  {
    key: 'unified_flags.approval_mode',
    description: 'What the agent may do without asking',
    values: ['default', 'auto', 'none', 'always'],
  },
  {
    key: 'unified_flags.sandbox_mode',
    description: 'What the agent may touch',
    values: ['default', 'read-only', 'workspace', 'full'],
  },
  {
    key: 'unified_flags.max_turns',
    description: 'The most steps of one turn, where the agent has such a limit',
  },
  {
    key: 'unified_flags.max_tokens',
    description:
      'The most tokens of one turn, input and output together, where the agent counts them while it runs',
  },
  {key: 'unified_flags.command_timeout_secs', description: 'The most seconds of one turn'},
  {
    key: 'unified_flags.dry_run',
    description: "Print the agent's command, do not run it",
    values: ['true', 'false'],
  },
  {
    key: 'unified_flags.verbose',
    description: 'Say what is run, and pass on what the agent writes to standard error',
    values: ['true', 'false'],
  },
  {key: 'backends.<name>.enabled', description: 'false switches the backend off', values: ['true', 'false']},
  {key: 'backends.<name>.model', description: 'Its model, or one of fast, balanced, best'},
  {
    key: 'backends.<name>.approval_mode',
    description: 'Instead of unified_flags.approval_mode',
    values: ['default', 'auto', 'none', 'always'],
  },
  {
    key: 'backends.<name>.sandbox_mode',
    description: 'Instead of unified_flags.sandbox_mode',
    values: ['default', 'read-only', 'workspace', 'full'],
  },
  {
    key: 'backends.<name>.allowed_tools',
    description: 'Tools that need no approval, in the words of the agent',
  },
  {key: 'backends.<name>.system_prompt', description: "Replaces the agent's own system prompt"},
  {key: 'backends.<name>.extra_flags', description: "Words for the agent's own command line, as they are"},
  {
    key: 'session.auto_resume',
    description: 'A plain prompt goes on with the last session of its directory',
    values: ['true', 'false'],
  },
  {key: 'session.continue_scope', description: 'What -c goes on with', values: ['any', 'here']},
  {key: 'session.retention_days', description: 'Days that sessions clean keeps sessions'},
  {
    key: 'session.store_token_usage',
    description: 'Keep token usage with sessions. With false none is stored and none is shown',
    values: ['true', 'false'],
  },
  {key: 'session.default_tags', description: 'Tags of every new session'},
  {
    key: 'output.format',
    description: 'How answers are printed',
    values: ['default', 'text', 'json', 'stream-json'],
  },
  {
    key: 'output.show_tokens',
    description: 'Say after an answer in text how many tokens it took',
    values: ['true', 'false'],
  },
  {
    key: 'output.show_timing',
    description: 'Say after an answer in text how long it took',
    values: ['true', 'false'],
  },
  {key: 'output.color', description: 'Colour, where a terminal shows it', values: ['true', 'false']},
  {key: 'parallel.max_workers', description: 'How many turns run at once'},
  {key: 'parallel.fail_fast', description: 'End the others when one has failed', values: ['true', 'false']},
  {
    key: 'parallel.aggregate_output',
    description: 'End with a table of all results',
    values: ['true', 'false'],
  },
  {
    key: 'trust.plugins',
    description: 'Packages that install from the registry without being asked about, as the official ones do',
  },
  {
    key: 'trust.only',
    description: 'Refuse every plugin that is neither official nor in trust.plugins',
    values: ['true', 'false'],
  },
]
