import {resolve} from 'node:path'
import type {PromptFlags} from 'clinvk-kit/flags'
import {oneLine} from 'clinvk-kit/format/text'
import {type TurnRequest, turnOptionsFrom, type TurnOptionFlags} from 'clinvk-kit/turn/request'
import type {TaskDescription} from './run-file/task-schema.js'

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
  readonly timeout?: number
  readonly dryRun?: boolean
}

export type TaskFlags = TurnOptionFlags & Partial<Pick<PromptFlags, 'ephemeral' | 'tag'>>

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
      id,
      name,
      tags,
      meta,
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
  const options = turnOptionsFrom(
    ({field, flag}) => description[field as keyof TaskDescription] ?? flags[flag as keyof TurnOptionFlags],
  )
  return {
    ...options,
    prompt: description.prompt,
    session:
      (description.ephemeral ?? flags.ephemeral)
        ? {kind: 'ephemeral'}
        : {
            kind: 'new',
            // `session.auto_resume` never makes one conversation of many tasks.
            fresh: true,
            tags: [...(flags.tag ?? []), ...tags],
            task: {run, number, name, meta},
          },
    workdir: resolve(place, description.workdir ?? ''),
    addDirs: options.addDirs.map((directory) => resolve(place, directory)),
    timeout: options.timeout ?? usual,
    dryRun: flags['dry-run'] ?? description.dry_run ?? dryRun,
  }
}
