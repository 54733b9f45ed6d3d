import type {RunView} from '../run-view.js'
import type {TaskDescription} from './task-schema.js'

/** A field of the reference program that has no effect, there either; but it is said. */
export function noteFormats(tasks: readonly TaskDescription[], view: RunView): void {
  if (tasks.some((task) => task.output_format !== undefined))
    view.notice('output_format of a task has no effect: -o says how results are printed.')
}
