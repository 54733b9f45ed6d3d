import {homedir} from 'node:os'
import {dirname, resolve} from 'node:path'
import type {IO} from '../io.js'
import {oneLine} from '../format/text.js'
import {turnOptionsFrom, type TurnRequest} from '../turn/request.js'
import {linksOf, namesOf, type TaskLinks} from './placeholders.js'
import type {TaskDescription} from './run-file-schema.js'
import type {RunFlags} from './store/run-folder.js'

export interface Task extends Pick<TaskLinks, 'needs' | 'parts'> {
  /** From 1 on, as written. */
  readonly number: number
  /** How many the run has. */
  readonly total: number
  /** Short, and no other task of the run has it: its name, its id, or `task-2`. */
  readonly label: string
  /** For messages: `Task 2 (review)`. */
  readonly title: string
  readonly id?: string
  readonly name?: string
  readonly tags?: readonly string[]
  readonly meta?: Readonly<Record<string, string>>
  /** How they must have ended: all with success, one without, or in any way. */
  readonly when: 'success' | 'failure' | 'always'
  /** Whether others need it: then its answer is kept. */
  readonly isNeeded: boolean
  readonly hasWorktree: boolean
  readonly request: TurnRequest
}

/** What tasks have from their run: the flags hold for each that says nothing else. */
export interface TaskDefaults {
  readonly kind: 'task' | 'step'
  readonly run: string
  readonly flags: RunFlags
  /** Absolute; where tasks run that name no directory. */
  readonly place: string
  /** The session of which each task continues a copy, in its directory. */
  readonly from?: string
  /** Makes a path in the run file absolute. Absent: paths are relative to `place`. */
  readonly inFile?: (path: string) => string
  /** Of the steps of a chain: whether one follows only where the one before it succeeded. */
  readonly stops?: boolean
  readonly beside?: Pick<TaskDescription, 'dry_run' | 'max_turns' | 'timeout' | 'worktree'>
}

/** Descriptions as tasks: a field wins over a flag, and a flag over what is written beside the tasks. */
export function tasksFrom(descriptions: readonly TaskDescription[], defaults: TaskDefaults): Task[] {
  const {kind, stops = true} = defaults
  const links = linksOf(descriptions, kind)
  const names = namesOf(descriptions).map((name) => oneLine(name ?? '') || undefined)
  return descriptions.map((description, index) => {
    const {id, meta, name, tags} = description
    const when = description.when ?? (stops ? 'success' : 'always')
    const number = index + 1
    const {needs, parts} = links[index]!
    const own = names[index]
    const isOnly = names.filter((other) => other === own).length === 1
    const label = own === undefined ? `${kind}-${number}` : isOnly ? own : `${own} ${number}`
    const request = requestOf(description, number, defaults)
    const title = titleOf(kind, number, own)
    const isNeeded = links.some((other) => other.needs.includes(index))
    const hasWorktree = description.worktree ?? defaults.flags.worktree ?? defaults.beside?.worktree ?? false
    const about = {number, total: names.length, label, title, id, name, tags, meta}
    return {...about, needs, when, isNeeded, parts, hasWorktree, request}
  })
}

export function titleOf(kind: 'task' | 'step', number: number, name: string | undefined): string {
  return `${kind === 'task' ? 'Task' : 'Step'} ${number}${name === undefined ? '' : ` (${name})`}`
}

function requestOf(
  description: TaskDescription,
  number: number,
  {beside = {}, flags, from, inFile = (path) => resolve(place, path), place, run}: TaskDefaults,
): TurnRequest {
  const {ephemeral = flags.ephemeral, meta: metadata, prompt, tags = [], workdir} = description
  // `--max-turns` is meant for the agents that have it: one that lacks it refuses only its own task's.
  const {'max-turns': maxTurns = beside.max_turns, 'max-tokens': _, 'max-cost': _cost, ...ofTasks} = flags
  const options = turnOptionsFrom(
    ({field, flag}) => description[field as keyof TaskDescription] ?? ofTasks[flag as keyof typeof ofTasks],
  )
  const task = {run, number}
  const allTags = [...(flags.tag ?? []), ...tags]
  return {
    ...options,
    prompt,
    // `fresh`: `session.auto_resume` must not make one conversation of many tasks.
    session: ephemeral
      ? {kind: 'ephemeral'}
      : from === undefined
        ? {kind: 'new', fresh: true, tags: allTags, metadata, task}
        : {kind: 'fork', reference: from, tags: allTags, metadata, task},
    workdir: workdir === undefined ? (from === undefined ? place : flags.workdir) : inFile(workdir),
    schema: typeof description.schema === 'string' ? inFile(description.schema) : options.schema,
    addDirs: options.addDirs.map(description.add_dirs ? inFile : (path) => resolve(place, path)),
    shared: {maxTurns},
    timeout: options.timeout ?? beside.timeout,
    dryRun: flags['dry-run'] ?? description.dry_run ?? beside.dry_run,
  }
}

/** Makes a path in a run file absolute: `~` is the home, others are relative to the file, or to `place` on standard input. */
export function pathsIn(file: string | undefined, place: string, {cwd, env}: IO): (path: string) => string {
  const directory = file === undefined || file === '-' ? place : dirname(resolve(cwd, file))
  return (path) => resolve(directory, path.replace(/^~(?=$|\/)/, env.HOME || homedir()))
}
