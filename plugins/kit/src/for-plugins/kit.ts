import type {BackendEntry} from '../backends/discover.js'
import type {Interrupts} from '../io.js'
import type {Settings} from '../settings/settings.js'
import type {TurnOutput} from '../turn/context.js'
import type {SessionRequest} from '../turn/request.js'
import type {TurnResult} from '../turn/result.js'

/**
 * What clinvk answers to the hook `kit`, so that a plugin can run turns without importing clinvk
 * (`docs/plugins/kit.md`). Everything is looked up anew at each call: an edited config.yaml holds for the next turn.
 */
export interface Kit {
  /** Of this interface; what is added does not change it. */
  readonly version: 1
  /** Of clinvk: `0.1.0`. */
  readonly clinvk: string
  /** `~/.clinvk`, absolute. */
  readonly home: string
  /** What holds in a directory (absolute; default: where clinvk was started). Throws a Failure of kind `config`. */
  lookAround(directory?: string): Promise<Surroundings>
  /**
   * Sends one prompt. Whatever goes wrong is in the result, which `output.done` is given, too; only a bug of clinvk is
   * thrown. Many turns may run at the same time.
   */
  prompt(request: PromptRequest, call: PromptCall): Promise<PromptResult>
  /**
   * Runs the tasks of a run file (`parallel`, `chain`), or one prompt on several backends (`compare`). Resolves to what
   * `--json` prints of it. Throws a Failure where nothing was started.
   */
  run(request: RunRequest, call: RunCall): Promise<RunData>
  /** The runs that are kept in `~/.clinvk/runs`. */
  readonly runs: KeptRuns
  /** The turns that run in this process, the oldest first. */
  turns(): readonly RunningTurn[]
  /** An error as the result of a turn that was not run. Throws what is a bug of clinvk. */
  failed(error: unknown): TurnResult
}

export interface Surroundings {
  /** In force there, project file included. */
  readonly settings: Settings
  readonly backends: ReadonlyMap<string, BackendEntry>
  /** What the user should know of settings and plugins, a sentence each. */
  readonly notes: readonly string[]
}

/** A task of a run file, with the session that it belongs to. Fields as in `docs/guide/parallel-execution.md`. */
export interface PromptRequest {
  readonly prompt: string
  /** Default: a new one. */
  readonly session?: SessionRequest
  /** `backend`, `model`, `workdir`, `approval_mode`, `max_turns` and so on; what is unknown is a Failure of kind `config`. */
  readonly [field: string]: unknown
}

/** `Interrupts`: `stop` ends the turn in order, as Ctrl-C does; `hurry` does not wait any longer. */
export interface PromptCall extends Interrupts {
  readonly output: TurnOutput
  /** Variables that the agent gets besides those of clinvk; undefined: it does not get this one. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

export type PromptResult = TurnResult & {
  /** With `dry_run`: what would have been run, as `clinvk --dry-run --json` prints it. */
  readonly dry_run?: object
}

/** `directory`, absolute: where tasks run that name none; default: where clinvk was started. */
export type RunRequest =
  /** A run file with `tasks` or with `steps`, as it would be read from JSON. */
  | {readonly kind: 'parallel' | 'chain'; readonly file: unknown; readonly directory?: string}
  | {
      readonly kind: 'compare'
      readonly prompt: string
      readonly directory?: string
      /** A session that each continues a copy of. */
      readonly from?: string
      /** `all`: every one that is installed. */
      readonly backends: readonly string[] | 'all'
      readonly sequential?: boolean
      readonly ephemeral?: boolean
      /** Of each task: `model`, `sandbox_mode` and so on. */
      readonly options?: Readonly<Record<string, unknown>>
    }

export interface RunCall extends Interrupts {
  /** 32 hexadecimal digits; told before the first task starts. */
  started?(id: string, tasks: readonly RunTaskData[]): void
  /** Variables that agents get besides those of clinvk; undefined: they do not get this one. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Where the events of a task go. */
  output?(task: RunTaskData): TurnOutput
  notice?(message: string): void
}

export interface RunTaskData {
  /** From 1 on. */
  readonly number: number
  /** No other task of the run has it. */
  readonly label: string
}

/** As `clinvk parallel --json` prints it (`docs/reference/json.md`). */
export type RunData = Readonly<Record<string, unknown>>

export interface KeptRuns {
  /** As `clinvk runs --json` has them, the newest first. */
  list(): readonly RunData[]
  /** By id, the beginning of one, or `@last`; as `clinvk runs show --json` prints it. Throws a Failure. */
  show(reference: string): RunData
  /** Ends a run that this process has started, and waits for its end. Throws a Failure where there is no such run. */
  cancel(reference: string): Promise<RunData>
}

export interface RunningTurn {
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly backend: string
  /** Absent when it is ephemeral. */
  readonly sessionId?: string
  readonly since: Date
  /** Set where it is a task of this run. */
  readonly run?: string
  /** Ends it in order, of a task the whole run. */
  cancel(): void
}
