import {rmSync} from 'node:fs'
import {quoteCommand} from '../format/text.js'
import type {Finding} from '../hooks/doctor.js'
import type {LockFile} from './lock-file.js'

/** What `clinvk doctor` says of a lock; nothing when it is free. */
export function lockFinding(lock: LockFile): Finding[] {
  const {pid, state} = lock.holder() ?? {}
  const who = pid === undefined ? 'An unknown process' : `Process ${pid}`
  const name = `the lock of ${lock.what.toLowerCase()}`
  switch (state) {
    case undefined:
      return []
    case 'alive': {
      // A change takes a fraction of a millisecond: who is seen here has stopped.
      const message = `${who} holds ${name}. If it still does in a minute, it hangs.`
      return [{state: 'warning', message, hints: [`Look at it: ps -p ${pid}`]}]
    }

    case 'dead':
      return [
        {
          state: 'warning',
          message: `T${name.slice(1)} is stale: process ${pid} has ended. The next change removes it.`,
          repair() {
            // Does nothing where a living process has acquired it meanwhile.
            lock.tryAcquire()?.release()
            return `Removed the stale lock of ${lock.what.toLowerCase()}.`
          },
        },
      ]
    case 'unknown':
      return [
        {
          state: 'warning',
          message: `${who} of another machine or container holds ${name}.`,
          hints: [`If no clinvk runs there any more: ${quoteCommand(['rm', '-r', lock.path])}`],
          question: `${who} of another machine or container holds ${name}. Does no clinvk run there any more, and is the lock to be removed?`,
          repair() {
            rmSync(lock.path, {recursive: true, force: true})
            return `Removed ${name}.`
          },
        },
      ]
  }
}
