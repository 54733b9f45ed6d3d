import type {ApprovalMode, Capabilities, JsonSchema, SandboxMode} from 'clinvk-contract'

/** What a user asked for, as plain data; nothing is resolved yet. */
export type TurnRequest = TurnOptions & {
  readonly prompt: string
  readonly session: SessionRequest
  /** Limits of a whole run: where the backend of a task lacks one, the user gets a notice. */
  readonly shared?: Pick<TurnOptions, 'maxTurns' | 'maxTokens'>
}

export type SessionRequest =
  /** A new session, unless `session.auto_resume` continues the directory's last one; `fresh` says never. */
  | {
      readonly kind: 'new'
      readonly fresh: boolean
      readonly name?: string
      /** What it is about, shortened to a line; absent: its prompt. */
      readonly title?: string
      readonly tags: readonly string[]
      readonly metadata?: SessionMetadata
      readonly task?: TaskOfRun
    }
  /** The most recent session that can be resumed. */
  | {readonly kind: 'continue'; readonly tags: readonly string[]}
  /** One session: id, name, unique prefix or `@last`. */
  | {
      readonly kind: 'named'
      readonly reference: string
      readonly tags: readonly string[]
      /** Added to what the session has. */
      readonly metadata?: SessionMetadata
      /** Start the conversation again where the agent has recorded nothing, though tools may run twice. */
      readonly restart?: boolean
      /** The session that does not exist before the turn starts: what the plugin that keeps sessions makes of a conversation. */
      readonly adopts?: object
    }
  /** A new session on a copy of the conversation of another one, which stays as it is. */
  | {
      readonly kind: 'fork'
      readonly reference: string
      /** The turn after which it continues apart, from 1 on; absent: the last one. */
      readonly at?: number
      readonly name?: string
      readonly tags: readonly string[]
      readonly metadata?: SessionMetadata
      readonly task?: TaskOfRun
      /** As above: that of the other one. */
      readonly adopts?: object
    }
  /** Nothing is kept, here or in the agent. */
  | {readonly kind: 'ephemeral'}

/** The user's own data, which is kept with the session. */
type SessionMetadata = Readonly<Record<string, string>>

/** What a session is for, where it is one of the many of `parallel`, `chain` or `compare`. */
export interface TaskOfRun {
  /** Groups the sessions of one command: 32 hexadecimal digits. */
  readonly run: string
  /** Its place in the run, from 1 on. */
  readonly number: number
  /** The work tree of git that was made for it. */
  readonly worktree?: SessionWorktree
}

/** A work tree of git in which a session runs. Paths are absolute. */
export interface SessionWorktree {
  /** For \`git -C\`. */
  readonly repository: string
  readonly path: string
  readonly branch: string
  /** The commit that it started from. */
  readonly base: string
}

/** What `-o` and `output.format` offer, and what help says of each. */
export const OUTPUT_FORMATS = {
  text: 'the answer',
  json: 'one object at the end',
  'stream-json': 'one object a line for each event',
}

export type OutputFormat = keyof typeof OUTPUT_FORMATS

/** An option of a turn: where a user sets it, and what an agent must be capable of. */
export interface TurnOption {
  readonly kind: 'text' | 'list' | 'count' | 'amount' | 'duration' | 'switch' | 'choice' | 'schema'
  readonly values?: readonly string[]
  /** The name of its flag; absent where only run files and settings set it. */
  readonly flag?: string
  readonly char?: 'b' | 'm' | 'w'
  readonly helpValue?: string
  /** One sentence for help; every flag has one. */
  readonly summary?: string
  /** Its field in a task of a run file. */
  readonly field: string
  readonly isSetting?: boolean
  /** Refused where the agent lacks this. */
  readonly capability?: keyof Capabilities
}

/**
 * Every option of a turn. Flags, fields of run files, `TurnRequest` and refusals are derived from this table; an
 * option that reaches the backend is also a field of `Turn` in the contract, under the same name.
 */
// prettier-ignore
export const TURN_OPTIONS = {
  backend: {kind: 'text', flag: 'backend', char: 'b', helpValue: 'NAME', field: 'backend', summary: 'Agent to use.'},
  model: {
    kind: 'text', flag: 'model', char: 'm', helpValue: 'MODEL', field: 'model', isSetting: true,
    summary: 'Model, or one of fast, balanced, best.',
  },
  workdir: {
    kind: 'text', flag: 'workdir', char: 'w', helpValue: 'DIR', field: 'workdir',
    summary: 'Directory in which the agent runs.',
  },
  approval: {
    kind: 'choice', flag: 'approval-mode', helpValue: 'MODE', field: 'approval_mode', isSetting: true,
    values: ['default', 'auto', 'none', 'always'] satisfies ApprovalMode[],
    summary:
      'What the agent may do without approval:\ndefault: as its own settings say\nauto: also edit files\nnone: like default; what needs approval is denied',
  },
  sandbox: {
    kind: 'choice', flag: 'sandbox-mode', helpValue: 'MODE', field: 'sandbox_mode', isSetting: true,
    values: ['default', 'read-only', 'workspace', 'full'] satisfies SandboxMode[],
    summary:
      'What the agent may change:\ndefault: as its own settings say\nread-only: nothing\nworkspace: the working directory\nfull: everything, without asking',
  },
  systemPrompt: {
    kind: 'text', flag: 'system-prompt', helpValue: 'TEXT', field: 'system_prompt', isSetting: true, capability: 'systemPrompt',
    summary: "Replace the agent's own system prompt.",
  },
  maxTurns: {
    kind: 'count', flag: 'max-turns', helpValue: 'N', field: 'max_turns', isSetting: true, capability: 'maxTurns',
    summary: 'Maximum number of agent steps.',
  },
  maxTokens: {
    kind: 'count', flag: 'max-tokens', helpValue: 'N', field: 'max_tokens', isSetting: true, capability: 'usageWhileRunning',
    summary: 'End the turn once it has used this many tokens, input and output.',
  },
  maxCost: {
    kind: 'amount', flag: 'max-cost', helpValue: 'USD', field: 'max_cost', capability: 'maxCost',
    summary: 'End the turn once it has cost this many US dollars.',
  },
  allowedTools: {
    kind: 'list', flag: 'allowed-tools', helpValue: 'TOOLS', field: 'allowed_tools', isSetting: true, capability: 'allowedTools',
    summary: "Tools that need no approval, in the agent's own notation. Repeatable.",
  },
  addDirs: {
    kind: 'list', flag: 'add-dir', helpValue: 'DIR', field: 'add_dirs', capability: 'addDirs',
    summary: 'Further directory that the agent may use. Repeatable.',
  },
  schema: {
    kind: 'schema', flag: 'schema', helpValue: 'FILE|JSON', field: 'schema',
    summary: 'JSON Schema that the answer must fit: a file, or the schema itself. Prints the JSON alone.',
  },
  extra: {
    kind: 'list', flag: 'extra', helpValue: 'WORD', field: 'extra', isSetting: true,
    summary: 'Argument for the agent itself, passed on as it is: --extra=--effort --extra=high. Repeatable.',
  },
  timeout: {
    kind: 'duration', flag: 'timeout', helpValue: 'TIME', field: 'timeout', isSetting: true,
    summary: 'Stop the turn after this time (90s, 10m, 1h).',
  },
  idleTimeout: {
    kind: 'duration', flag: 'idle-timeout', helpValue: 'TIME', field: 'idle_timeout',
    summary: 'Stop the turn when the agent prints nothing for this long.',
  },
  waitForReset: {
    kind: 'duration', flag: 'wait-for-reset', helpValue: 'MAX', field: 'wait_for_reset', isSetting: true,
    summary: 'When the agent reaches a rate limit, wait until it ends, at most MAX (20m, 6h), then continue.',
  },
  fallback: {
    kind: 'list', flag: 'fallback', helpValue: 'NAMES', field: 'fallback',
    summary: 'Agents that take over when one has reached its limit, is not signed in or not installed: codex,gemini.',
  },
  dryRun: {
    kind: 'switch', flag: 'dry-run', field: 'dry_run', isSetting: true,
    summary: "Print the agent's command without running it.",
  },
  verbose: {
    kind: 'switch', flag: 'verbose', field: 'verbose', isSetting: true,
    summary: "Show the agent's command and what it writes to standard error.",
  },
} as const satisfies Readonly<Record<string, TurnOption>>

type Table = typeof TURN_OPTIONS

/** The value of an option; durations are in milliseconds. */
export type OptionValue<Option extends TurnOption> = Option extends {values: readonly (infer Value)[]}
  ? Value
  : {
      text: string
      list: readonly string[]
      count: number
      amount: number
      duration: number
      switch: boolean
      choice: string
      /** The path of a file, JSON text that begins with `{`, or the schema itself. */
      schema: string | JsonSchema
    }[Option['kind']]

type ListName = {[Name in keyof Table]: Table[Name]['kind'] extends 'list' ? Name : never}[keyof Table]

/** The options of one turn as a user gave them: undefined means not given, and so does an empty list. */
export type TurnOptions = {readonly [Name in ListName]: readonly string[]} & {
  readonly [Name in Exclude<keyof Table, ListName>]?: OptionValue<Table[Name]>
}

export type TurnOptionFlags = {
  -readonly [
    Name in keyof Table as Table[Name] extends {flag: infer Flag extends string} ? Flag : never
  ]?: Table[Name]['kind'] extends 'list' ? string[] : OptionValue<Table[Name]>
}

export function turnOptionsFrom(valueOf: (option: TurnOption) => unknown): TurnOptions {
  const entries = Object.entries<TurnOption>(TURN_OPTIONS).map(([name, option]) => [
    name,
    valueOf(option) ?? (option.kind === 'list' ? [] : undefined),
  ])
  return Object.fromEntries(entries) as TurnOptions
}

export function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined
}
