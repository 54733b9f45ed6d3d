import {statSync} from 'node:fs'
import {setTimeout as wait} from 'node:timers/promises'
import type {RunFolder} from './run-folder.js'
import type {RunEvent} from './run-log.js'

/** What happens in a run: what has happened so far, and with `follows` the rest, as long as a process has the run. */
export async function* followRun(
  folder: RunFolder,
  {follows, stop}: {readonly follows: boolean; readonly stop: AbortSignal},
): AsyncGenerator<RunEvent> {
  let told = 0
  for (let read = -1; ;) {
    // Before the log is read: what a process writes at its end is read once more.
    const isRunning = folder.holder() !== undefined
    const {size} = statSync(folder.logPath, {throwIfNoEntry: false}) ?? {size: 0}
    // Answers make a log long.
    if (size !== read) {
      const events = folder.events()
      yield* events.slice(told)
      told = events.length
      read = size
    }
    if (!follows || !isRunning || stop.aborted) return
    await wait(POLL_MS, undefined, {signal: stop}).catch(() => undefined)
  }
}

/** Resolves when no process has the run, or `stop` aborts. */
export async function untilEnded(folder: RunFolder, stop: AbortSignal): Promise<void> {
  while (folder.holder() !== undefined && !stop.aborted)
    await wait(POLL_MS, undefined, {signal: stop}).catch(() => undefined)
}

const POLL_MS = 200
