import {resolve} from 'node:path'
import {oneLine} from 'clinvk-kit/format/one-line'
import type {TurnRequest} from 'clinvk-kit/request'
import type {PromptFlags} from '../turn-request.js'
import type {TaskDescription} from './description/task-schema.js'

/** One turn of a run. */
export interface Task {
  /** From 1 on, as written. */
  readonly number: number
  /** Short, and no other task of the run has it: its name, its id, or `task-2`. */
  readonly label: string
  /** For messages: `Task 2 (review)`. */
  readonly title: string
  readonly id?: string
  readonly name?: string
  readonly tags?: readonly string[]
  readonly meta?: Readonly<Record<string, string>>
  readonly request: TurnRequest
}

/** What tasks have from their run: the flags hold for each that says nothing else. */
export interface TaskDefaults {
  readonly kind: 'task' | 'step'
  /** The id of the run. */
  readonly run: string
  readonly flags: TaskFlags
  /** Absolute; what directories of tasks are relative to. */
  readonly place: string
  /** Milliseconds, as written beside the tasks. */
  readonly timeout?: number | undefined
  readonly dryRun?: boolean | undefined
}

export type TaskFlags = Omit<PromptFlags, 'continue' | 'session' | 'new' | 'name'>

/** Descriptions as tasks; field over flag over what is written beside the tasks. */
export function tasksFrom(descriptions: readonly TaskDescription[], defaults: TaskDefaults): Task[] {
  const names = descriptions.map(({id, name}) => oneLine(name ?? id ?? '') || undefined)
  return descriptions.map((description, index) => {
    const {id, meta, name, tags} = description
    const number = index + 1
    const own = names[index]
    const isOnly = names.filter((other) => other === own).length === 1
    return {
      number,
      label: own === undefined ? `${defaults.kind}-${number}` : isOnly ? own : `${own} ${number}`,
      title: labelOf(defaults.kind, number, own),
      request: requestOf(description, number, defaults),
      ...(id === undefined ? {} : {id}),
      ...(name === undefined ? {} : {name}),
      ...(tags === undefined ? {} : {tags}),
      ...(meta === undefined ? {} : {meta}),
    }
  })
}

/** `Task 2 (review)` */
export function labelOf(kind: 'task' | 'step', number: number, name: string | undefined): string {
  const title = `${kind === 'task' ? 'Task' : 'Step'} ${number}`
  return name === undefined ? title : `${title} (${name})`
}

function requestOf(
  description: TaskDescription,
  number: number,
  {dryRun, flags, place, run, timeout: usual}: TaskDefaults,
): TurnRequest {
  const {meta, name, tags = []} = description
  return withoutUndefined({
    prompt: description.prompt,
    session:
      (description.ephemeral ?? flags.ephemeral)
        ? {kind: 'ephemeral' as const}
        : {
            kind: 'new' as const,
            // `session.auto_resume` never makes one conversation of many tasks.
            fresh: true,
            tags: [...(flags.tag ?? []), ...tags],
            task: withoutUndefined({run, number, name, meta}),
          },
    backend: description.backend ?? flags.backend,
    model: description.model ?? flags.model,
    workdir: resolve(place, description.workdir ?? ''),
    approval: description.approval_mode ?? flags['approval-mode'],
    sandbox: description.sandbox_mode ?? flags['sandbox-mode'],
    systemPrompt: description.system_prompt ?? flags['system-prompt'],
    maxTurns: description.max_turns ?? flags['max-turns'],
    maxTokens: description.max_tokens,
    allowedTools: description.allowed_tools ?? flags['allowed-tools'] ?? [],
    addDirs: (description.add_dirs ?? flags['add-dir'] ?? []).map((directory) => resolve(place, directory)),
    extra: description.extra ?? flags.extra ?? [],
    timeout: description.timeout ?? flags.timeout ?? usual,
    idleTimeout: description.idle_timeout ?? flags['idle-timeout'],
    dryRun: flags['dry-run'] ?? description.dry_run ?? dryRun,
    verbose: description.verbose,
  })
}

/** Absent, not undefined: as `exactOptionalPropertyTypes` wants it. */
function withoutUndefined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>
}

type Defined<T> = {[K in keyof T as undefined extends T[K] ? never : K]: T[K]} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}
