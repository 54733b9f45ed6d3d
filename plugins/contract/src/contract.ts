/**
 * The backend contract, version 1, explained in docs/plugins/contract.md. A backend describes (a prompt becomes a
 * command line, lines become events); clinvk runs the process, owns signals, time limits and sessions. At run time
 * a backend imports nothing of clinvk: `export default {plan(turn, host) {…}, reader(turn) {…}} satisfies Backend`.
 * Contract 1 only grows: optional fields, optional parts and events may be added.
 */

/** `plan`, `stopSignal`, `interactive`, `deleteCommand` and `probe` are pure: the same input, the same answer. */
export interface Backend {
  plan(turn: Turn, host: Host): Invocation | Refusal
  reader(turn: Turn): Reader
  /** Cleans up after the process, however it ended, and may correct the verdict of the reader. */
  settle?(turn: Turn, verdict: Verdict, files: Files, run: Run, ask: Ask): Promise<Verdict>
  /** The signal on which the agent stops and keeps its session. Default: SIGINT. */
  stopSignal?(turn: Turn): 'SIGINT' | 'SIGTERM'
  /** The agent's own program in the terminal, for `clinvk resume ID` without a prompt. */
  // prettier-ignore
  interactive?(conversation: Conversation, wish: InteractiveWish, host: Omit<Host, 'scratch'>): Program | Refusal
  /** Cleans up after the interactive program, as `settle` does after a turn. */
  tidy?(conversation: Conversation, files: Files, ask: Ask): Promise<void>
  /** What the agent has recorded of a conversation; undefined when there is nothing. Changes nothing. */
  record?(conversation: Conversation, files: Files, ask: Ask): Promise<ConversationRecord | undefined>
  /** Whether the agent can resume a conversation: its record is there, with the first prompt. Changes nothing. */
  isResumable?(conversation: Conversation, files: Files, ask: Ask): Promise<boolean>
  /**
   * Lets the agent resume a conversation in the directory `to`; that of the conversation may be gone, and `ask` runs
   * in `to`. False when the agent has no record of it. Changes nothing that the agent has in the old directory.
   */
  move?(conversation: Conversation, to: string, files: Files, ask: Ask): Promise<boolean>
  /** The conversations that could not be read or resumed without this one, as forks that point into its record. */
  neededBy?(conversation: Conversation, files: Files): Promise<readonly string[]>
  /** Deletes all that the agent keeps of a conversation; harmless with an id that the agent does not know. */
  forget?(conversation: Conversation, files: Files): Promise<Forgotten>
  /** The agent's own command that deletes a conversation. Runs before `forget` where the agent is installed. */
  deleteCommand?(conversation: Conversation): Program
  /**
   * What tells the agent's version and whether it is signed in. All are asked at once, have a few seconds and must
   * cost nothing; of two that know the same, the later one counts. `host.scratch` exists meanwhile.
   */
  probe?(host: Host): readonly Question[]
  /** How clinvk finds and reads what the agent itself has written down of conversations. */
  history?: History
}

/** One prompt to one agent, with every option resolved. Absent means: the agent's own default. */
export interface Turn {
  readonly prompt: string
  /** Absolute directory that the agent runs in. */
  readonly cwd: string
  readonly session: TurnSession
  /** As the agent names it; aliases of the descriptor are resolved. */
  readonly model?: string
  readonly approval: ApprovalMode
  readonly sandbox: SandboxMode
  /** Replaces the agent's own system prompt. */
  readonly systemPrompt?: string
  /** The most model turns (answer or tool use) before the agent must stop. */
  readonly maxTurns?: number
  /** In US dollars: the agent stops after the model call with which the turn has cost more. */
  readonly maxCost?: number
  /** In the agent's own notation. */
  readonly allowedTools: readonly string[]
  /** Absolute. */
  readonly addDirs: readonly string[]
  /** Arguments for the agent's command line, as they are. */
  readonly extra: readonly string[]
  /** Those of the descriptor that the user has set, validated. */
  readonly options?: Readonly<Record<string, OptionValue>>
  /**
   * What the answer must fit, for an agent that can be told so itself. A `plan` that refuses `--schema`, because its
   * agent does not support every keyword of this one, gets the turn again without it: then the prompt says it.
   */
  readonly schema?: JsonSchema
}

export type OptionValue = string | boolean | number | readonly string[]

export type TurnSession =
  /** A new conversation. `id` is a fresh UUID, for an agent that takes one. */
  | {readonly kind: 'new'; readonly id: string}
  /** The next turn of a conversation that the agent knows by `id`. */
  | {readonly kind: 'resume'; readonly id: string; readonly state?: Json}
  /**
   * The next turn of a copy of the conversation `id`, which the agent makes and which continues apart; `id` stays as it
   * is. `copy` is a fresh UUID for the copy, for an agent that takes one.
   */
  | {readonly kind: 'fork'; readonly id: string; readonly copy: string; readonly state?: Json}
  /** A conversation of one turn, of which nothing may stay on disk. */
  | {readonly kind: 'ephemeral'; readonly id: string}

/** When the agent asks: as it does by default, not before edits, never (and so it denies), every time. */
export type ApprovalMode = 'default' | 'auto' | 'none' | 'always'

/** What the agent may change: as it does by default, nothing, the working directory, everything. */
export type SandboxMode = 'default' | 'read-only' | 'workspace' | 'full'

export interface Host {
  readonly platform: string
  /** As root some agents refuse to run without limits. */
  readonly isRoot: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** A directory for `files` of an invocation; exists only while the turn runs. */
  readonly scratch: string
}

/** What to start. Pass the prompt by `stdin` wherever the agent allows it. */
export interface Invocation {
  readonly kind: 'invocation'
  readonly args: readonly string[]
  /** Written to the agent, then closed. */
  readonly stdin: string
  /** Changes to the environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Written before the start (mode 0600), removed after the turn; paths lie in `host.scratch`. */
  readonly files?: readonly {readonly path: string; readonly content: string}[]
  /** For the user, before the agent runs. */
  readonly notices?: readonly string[]
}

/** For a turn that the agent cannot do as asked: nothing starts, and the user reads why. */
export interface Refusal {
  readonly kind: 'refusal'
  /** The option that cannot be honoured, as the user wrote it: `--approval-mode always`. */
  readonly option: string
  readonly reason: string
  /** What to do instead, as a sentence. */
  readonly instead?: string
}

/** One for each turn; it may keep state. */
export interface Reader {
  /** What a line of standard output, without its newline, means. An unknown one is `unparsed`; none: skip it. */
  line(line: string): readonly BackendEvent[]
  /** The same for standard error. Without it those lines are only kept for error messages. */
  errorLine?(line: string): readonly BackendEvent[]
  /** How the turn went, once the process has ended. */
  end(exit: AgentExit): Verdict
}

export type BackendEvent =
  | TurnEvent
  /** Kept with the session and given to the next turn as `session.state`. */
  | {readonly type: 'state'; readonly state: Json}
  /** The agent has finished its work; it has a few seconds to exit. */
  | {readonly type: 'finished'}

export interface AgentExit {
  /** Absent when a signal ended the process. */
  readonly code?: number
  readonly signal?: string
  /** The last 16 KiB of standard error. */
  readonly stderr: string
}

/** What the agent itself reports of the turn. clinvk adds what it knows: cancelled, timed out. */
export type Verdict = VerdictDetails &
  (
    | {readonly outcome: 'success'}
    | {
        /**
         * `failed`: an error or a crash; `session`: it does not know the conversation; `auth`: it is not signed in;
         * `rate_limit`: or out of quota; `limit`: it stopped at a limit that was set (turns, tokens, money).
         */
        readonly outcome: 'failed' | 'session' | 'auth' | 'rate_limit' | 'limit'
        readonly message: string
        /** When a rate limit ends (ISO 8601), if the agent tells. */
        readonly resetsAt?: string
      }
  )

export interface VerdictDetails {
  /** Where the answer is not what the text events make up. */
  readonly content?: string
  /** The one that really answered. */
  readonly model?: string
  readonly usage?: Usage
  /** What the turn has cost, in US dollars; 0 is the same as nothing. */
  readonly cost?: number
  readonly denials?: readonly Denial[]
  /** Directories that the agent left behind: removed when they are empty and younger than the turn. */
  readonly leftovers?: readonly string[]
}

export interface Run {
  /** The agent's own, if it has told one. */
  readonly sessionId?: string
  readonly startedAt: Date
}

/** A conversation that the agent knows by `id`. */
export interface Conversation {
  readonly id: string
  /** Absolute directory that it belongs to. */
  readonly cwd: string
  /** As the last turn left it. */
  readonly state?: Json
}

export interface InteractiveWish {
  /** As the agent names it; aliases of the descriptor are resolved. */
  readonly model?: string
  /** On a copy of the conversation, which continues apart; only with the capability `fork`, and without `history.copy`. */
  readonly fork?: boolean
}

export interface Program {
  readonly kind: 'program'
  readonly args: readonly string[]
  /** Changes to the environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/**
 * Starts the agent's program in the directory of the conversation and gives the first 16 MiB that it prints.
 * Undefined when it is not installed or does not end within 30 seconds.
 */
export type Ask = (program: Omit<Program, 'kind'>) => Promise<ProgramAnswer | undefined>

export type Question =
  /** Runs the agent's program, in the user's home directory. */
  | (Omit<Program, 'kind'> & {readonly kind: 'program'; read(answer: ProgramAnswer): Findings})
  /** Reads the files that the descriptor names under `signInFiles`, where no command of the agent tells. */
  | {readonly kind: 'files'; read(files: Pick<Files, 'list' | 'read'>): Promise<Findings>}

/** What a program printed (the first 64 KiB of each stream, if not said otherwise) and how it ended. */
export interface ProgramAnswer {
  readonly stdout: string
  readonly stderr: string
  /** Absent when a signal ended it. */
  readonly code?: number
}

/** Absent means unknown. */
export interface Findings {
  /** `2.1.197`. */
  readonly version?: string
  /** `unknown`: only a turn could tell, and `detail` says why. */
  readonly signedIn?: boolean | 'unknown'
  /** What the agent is signed in with: `ANTHROPIC_API_KEY`, `ChatGPT`. No key, no mail address: people pass it on. */
  readonly account?: string
  /** As a sentence. */
  readonly detail?: string
}

export interface ConversationRecord {
  /** Each prompt that was sent to the model, oldest first. */
  readonly turns: readonly RecordedTurn[]
  /** Replaces the `state` of the conversation. */
  readonly state?: Json
}

export interface RecordedTurn {
  /** The times of its prompt and of the last message about it, ISO 8601. */
  readonly startedAt: string
  readonly endedAt: string
  readonly model?: string
  readonly usage?: Usage
}

export interface Forgotten {
  /** Absolute paths. */
  readonly removed: readonly string[]
  /** What is left because it cannot be removed alone, as the object of a sentence. */
  readonly stays?: string
}

/** The agent's own records of conversations, also of those that clinvk had no part in. Reads only. */
export interface History {
  /**
   * The conversations that the agent keeps, in any order; with `only`, that one, found without looking through all.
   * Cheap: where a name or a path says enough, no file is read. Sub-agents belong to the conversation that began them.
   */
  conversations(files: Files, ask: Ask, only?: Conversation): Promise<readonly RecordedConversation[]>
  /**
   * All that was said in a conversation, in order: what the agent shows of it now, and what it took back, if that is
   * still recorded. Lines that are torn or unknown are skipped; nothing is given twice. Memory does not grow with
   * the size of the record where the agent appends to it.
   */
  transcript(conversation: RecordedConversation, files: Files, ask: Ask): AsyncIterable<TranscriptEntry>
  /**
   * The files (absolute) of the sub-agents of a conversation, where the agent keeps each as a conversation of its own.
   * clinvk appends them to `paths` when it reads this conversation alone, and not when it reads all of them.
   */
  subAgents?(conversation: RecordedConversation, files: Files): Promise<readonly string[]>
  /** When the agent itself will delete the record (ISO 8601), as its settings are; undefined when it does not. */
  deletedAt?(conversation: RecordedConversation, files: Files): Promise<string | undefined>
  /** What is appended to a restored main file of lines (`.jsonl`), so that the agent does not delete it again at once. */
  renewal?(now: Date): string
  /**
   * A conversation that the agent has had no part in, as a record of its own that it resumes. clinvk writes the record,
   * reads it back and compares before it uses it. Changes nothing.
   */
  write?(draft: ConversationDraft, files: Files, ask: Ask): Promise<NewRecord>
  /** A copy of a conversation under another id, for an agent that cannot fork: clinvk writes it, and resumes it. Changes nothing. */
  copy?(conversation: RecordedConversation, id: string, files: Files): Promise<NewRecord>
  /** Where conversations are not files: the program that prints one, and the one that reads it from a file. */
  exportProgram?(id: string): Omit<Program, 'kind'>
  importProgram?(path: string): Omit<Program, 'kind'>
}

/** Where a conversation is recorded. */
export interface RecordedConversation {
  readonly id: string
  /** Absolute: its own file first, then those of its sub-agents. Empty where the agent keeps it in no files of its own. */
  readonly paths: readonly string[]
  /** Where there are no files: another text after every change. */
  readonly version?: string
  /** What is known without reading; `transcript` tells the rest. */
  readonly about?: ConversationAbout
}

export interface ConversationAbout {
  /** Absolute directory that the agent ran in. */
  readonly cwd?: string
  /** As the user or the agent has named it; absent where that is only the first prompt. */
  readonly title?: string
  /** Ids of the conversations without which this one cannot be read or resumed. */
  readonly parents?: readonly string[]
  /** The conversation that this one was forked from. */
  readonly forkedFrom?: string
  /** ISO 8601. */
  readonly startedAt?: string
  readonly updatedAt?: string
  /** Replaces the `state` of the conversation. */
  readonly state?: Json
}

/** A conversation to be continued by an agent that has had no part in it. */
export interface ConversationDraft {
  /** A fresh UUID, for an agent that takes one. */
  readonly id: string
  /** Absolute directory that it belongs to. */
  readonly cwd: string
  /** One line. */
  readonly title: string
  /** That of the next turn, as the agent names it; absent: its own default. */
  readonly model?: string
  /** Of the user and of the assistant in turn: the first one is the user's, the last one the assistant's. */
  readonly messages: readonly DraftMessage[]
}

export interface DraftMessage {
  readonly role: 'user' | 'assistant'
  readonly text: string
  /** ISO 8601; never before that of the message before it. */
  readonly at: string
}

/** A record that does not exist yet. */
export interface NewRecord {
  /** What the agent knows the conversation by. */
  readonly id: string
  /** Absolute; without it the lines are what `importProgram` reads. */
  readonly path?: string
  /** Without their newlines. */
  readonly lines: Iterable<string> | AsyncIterable<string>
  readonly state?: Json
}

/** `about` may come several times; a later one adds to the earlier. Messages and calls are in the order of the record. */
export type TranscriptEntry =
  | {readonly type: 'about'; readonly about: ConversationAbout}
  | TranscriptMessage
  | ModelCall
  /** The agent has recorded that it had finished what the user asked last. */
  | {readonly type: 'end'; readonly at: string}

export type TranscriptMessage = MessageDetails &
  (
    | {
        readonly type: 'text'
        /** `user`: a prompt that the user wrote, which begins a turn. What the agent wrote in their name is left out. */
        readonly role: 'user' | 'assistant'
        readonly text: string
      }
    | {readonly type: 'reasoning'; readonly role: 'assistant'; readonly text: string}
    | {
        readonly type: 'tool_call'
        readonly role: 'assistant'
        /** Pairs the call with its result. */
        readonly callId: string
        readonly name: string
        readonly input: unknown
        /** What the tool works on, short, for people: a path, a command. */
        readonly target?: string
      }
    | {
        readonly type: 'tool_result'
        readonly role: 'tool'
        readonly callId: string
        readonly output: string
        readonly isError: boolean
      }
  )

export interface MessageDetails {
  /** Unique in the conversation, the same at every reading. */
  readonly id: string
  /** ISO 8601. */
  readonly at: string
  readonly model?: string
  /** The sub-agent that said it, as the agent names it. */
  readonly subAgent?: string
}

/** One call of a model: what it has cost. A missing count is unknown, which is not 0. */
export interface ModelCall {
  readonly type: 'call'
  /** The agent's own id of the call: the same in every copy of the conversation, unique among all of them. */
  readonly id: string
  /** ISO 8601. */
  readonly at: string
  readonly model?: string
  readonly subAgent?: string
  /** Everything sent, cached and written to the cache included. */
  readonly inputTokens?: number
  /** The part of the input that was read from a cache. */
  readonly cachedTokens?: number
  /** The part of the input that was written to a cache, for 5 minutes and for an hour. */
  readonly cacheWriteTokens?: number
  readonly cacheWrite1hTokens?: number
  /** Everything answered, reasoning included. */
  readonly outputTokens?: number
  readonly reasoningTokens?: number
  /** In US dollars, where the agent tells it. */
  readonly cost?: number
}

/** The agent's own files: paths outside of the directories that the descriptor declares are an error. */
export interface Files {
  /** The declared directories of this user, absolute, in the order of the descriptor; they need not exist. */
  readonly directories: readonly string[]
  /** Absolute paths of all files in the declared directories, or at and below this path in each of them. */
  list(below?: string): Promise<readonly string[]>
  read(path: string): Promise<string>
  /** The lines of a file of any size, without their newlines, also of one compressed by gzip or zstd. */
  lines(path: string): AsyncIterable<string>
  /** Bytes, and milliseconds since 1970; undefined when there is no such file. */
  stat(path: string): Promise<{readonly size: number; readonly changedAt: number} | undefined>
  /** Copies a file to a new one with mode 0600, and makes its directories. An error where `to` exists. */
  copy(path: string, to: string): Promise<void>
  /** Removes a file, or a directory with all that is in it, if it exists. */
  remove(path: string): Promise<void>
}

/** JSON Schema, draft 7 or 2020-12, with references into itself alone. */
export type JsonSchema = {readonly [keyword: string]: Json}

export type Json = string | number | boolean | null | readonly Json[] | {readonly [key: string]: Json}

/** The key `clinvk` of a package.json: data, so that clinvk need not import the plugin to list it. */
export interface Contribution {
  /** 1. */
  readonly contract: number
  readonly backends: Readonly<Record<string, Descriptor>>
}

export interface Descriptor {
  /** Its default export is the Backend: `./dist/index.js`. */
  readonly module?: string
  /** Instead of `module`, for an agent that takes a prompt and prints plain text: exactly one of the two. */
  readonly command?: TextCommand
  /** The agent's name for people: `Claude Code`. */
  readonly title: string
  /** The program, looked up in PATH; beginning with `./`, a script of this package, run by Node. */
  readonly executable: string
  /** A command or sentence that gets the agent. */
  readonly install: string
  readonly signIn?: string
  /** The first version of the agent that is known to work. */
  readonly supportedFrom?: string
  readonly tested?: string
  /** The agent's models for the names that work for every backend: `fast`, `balanced`, `best`. */
  readonly models?: Readonly<Record<string, string>>
  /**
   * The longest prompt: in bytes of UTF-8, in code points, or in units of UTF-16 (`length` in JavaScript).
   * `contextTokens`: how much its models take of a conversation that is handed over.
   */
  // prettier-ignore
  readonly limits?: {readonly promptBytes?: number; readonly promptCharacters?: number; readonly promptUnits?: number; readonly contextTokens?: number}
  /**
   * Where the agent keeps its files; its backend reaches nothing else. A file can only be read. `~` is the home directory, `$NAME` a variable,
   * `$UID` the number of the user: `$CODEX_HOME`, `~/.codex`, `/tmp/agent-$UID`.
   */
  readonly directories?: readonly string[]
  /** Settings of its own under `backends.<name>`: lower-case letters, digits, `_`. `plan` gets `turn.options`. */
  readonly options?: Readonly<Record<string, OptionDescriptor>>
  /** Files, named like `directories`, that tell whether the agent is signed in. Only `probe` may read them. */
  readonly signInFiles?: readonly string[]
  /** With `command` they follow from it, except `streaming`. */
  readonly capabilities: Capabilities
}

/**
 * The arguments of an agent that prints its answer as plain text. Each list is added before a `--` of `args` when the
 * turn asks for it; what has no list is refused. A value that begins with `-` is refused where its placeholder begins
 * an argument, unless a `--` comes before it: the agent would take it for an option.
 */
export interface TextCommand {
  /** Of every turn. `{prompt}` stands for the prompt; without it, the prompt is passed by stdin. */
  readonly args: readonly string[]
  /** With `{model}`. */
  readonly model?: readonly string[]
  /** With `{system_prompt}`. */
  readonly systemPrompt?: readonly string[]
  /** With `{max_turns}`. */
  readonly maxTurns?: readonly string[]
  /** With `{tool}`; added once for each. */
  readonly allowedTools?: readonly string[]
  /** With `{dir}`, an absolute path; added once for each. */
  readonly addDirs?: readonly string[]
  readonly approval?: {readonly [Mode in 'auto' | 'none']?: readonly string[]}
  readonly sandbox?: {readonly [Mode in 'read-only' | 'workspace' | 'full']?: readonly string[]}
  /** What makes the agent keep nothing of the turn; empty where it never keeps anything. */
  readonly ephemeral?: readonly string[]
  /** Both with `{id}`, for an agent that takes the id of a new conversation, a UUID, from outside. */
  readonly session?: {readonly new: readonly string[]; readonly resume: readonly string[]}
  /** What makes the program print its version; the first number with a dot in it is taken. */
  readonly version?: readonly string[]
  /** What a failed run means: the first that matches; without any, `failed`. */
  readonly failures?: readonly TextFailure[]
}

/** Matches when all that is given matches. */
export interface TextFailure {
  readonly exit?: number
  /**
   * A regular expression, searched for at most a second in the last lines that the agent printed, 64 Ki characters of
   * each; ignores case, `^` begins a line.
   */
  readonly pattern?: string
  readonly outcome: 'session' | 'auth' | 'rate_limit' | 'limit'
}

export interface OptionDescriptor {
  /** `integer` is a whole number from 0 on, `list` a list of texts. */
  readonly type: 'string' | 'boolean' | 'integer' | 'list'
  /** One sentence. */
  readonly description: string
  /** The only values of a `string`. */
  readonly values?: readonly string[]
}

/** Missing means no. */
export interface Capabilities {
  readonly resume?: boolean
  /** Whether `plan` takes a `fork`, or the backend has `history.copy`. */
  readonly fork?: boolean
  readonly ephemeral?: boolean
  readonly streaming?: boolean
  readonly systemPrompt?: boolean
  readonly maxTurns?: boolean
  /** Whether it knows while it runs what its models cost, and stops at `maxCost`. */
  readonly maxCost?: boolean
  readonly allowedTools?: boolean
  readonly addDirs?: boolean
  /** Whether `plan` takes a `schema`. */
  readonly schema?: boolean
  readonly approval?: readonly ApprovalMode[]
  readonly sandbox?: readonly SandboxMode[]
  /** Fields of Usage that the agent reports. */
  readonly usage?: readonly (keyof Usage)[]
  /** Whether it reports them after every model call, and not only at its end. */
  readonly usageWhileRunning?: boolean
}

/** What happens in a turn. `-o stream-json` prints these, one JSON object a line, each with `time` (ISO 8601, UTC). */
// prettier-ignore
export type TurnEvent =
  | SessionEvent | TextEvent | ReasoningEvent | ToolCallEvent | ToolResultEvent | UsageEvent | RetryEvent
  | RateLimitEvent | NoticeEvent | ErrorEvent | UnparsedEvent

/** Comes once a turn. */
export interface SessionEvent {
  type: 'session'
  backend_session_id: string
  model?: string
  agent_version?: string
}

/** All pieces of a turn, joined without a separator, are its content. */
export type TextEvent = {type: 'text'; text: string}

export type ReasoningEvent = {type: 'reasoning'; text: string}

export interface ToolCallEvent {
  type: 'tool_call'
  /** Pairs the call with its `tool_result`. */
  id: string
  name: string
  input: unknown
  /** What the tool works on, short, for people: a path, a command. */
  target?: string
}

export type ToolResultEvent = {type: 'tool_result'; id: string; output: string; is_error: boolean}

/** Token usage of this turn so far: a running total, the last one counts. */
export type UsageEvent = {type: 'usage'; usage: Usage}

/** The agent tries a model call again. Does not count as progress for `--idle-timeout`. */
export interface RetryEvent {
  type: 'retry'
  attempt: number
  max_attempts?: number
  delay_seconds?: number
  /** HTTP status of the failed call, if there was one. 401 and 403 end the turn. */
  status?: number
  message: string
}

/** How much of the quota is left, or that it is used up, and when it is full again (ISO 8601). */
export type RateLimitEvent = {type: 'rate_limit'; message: string; resets_at?: string}

/** Something a person should know that is no error. */
export type NoticeEvent = {type: 'notice'; message: string}

/** An error that the agent reported. Whether the turn failed is said by `done`. */
export type ErrorEvent = {type: 'error'; message: string}

/** A line that the backend does not know. It is kept, never thrown away. */
export type UnparsedEvent = {type: 'unparsed'; line: string}

/** A missing field is unknown, which is not 0. */
export interface Usage {
  /** Everything sent, cached included. */
  input_tokens?: number
  /** Everything answered, reasoning included. */
  output_tokens?: number
  /** The part of the input that was read from a cache. */
  cached_tokens?: number
  reasoning_tokens?: number
  /** Input and output. */
  total_tokens?: number
  /** The same by model, where the agent tells it. */
  models?: Record<string, Omit<Usage, 'models'>>
}

/** The agent asked for something and was not allowed to do it. */
export interface Denial {
  tool: string
  /** What it wanted to work on: a path, a command. */
  target?: string
  /** Flags of clinvk that would have allowed it, ready to be typed. */
  allow?: readonly string[]
}
