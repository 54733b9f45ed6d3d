import {rmSync} from 'node:fs'
import {quoteCommand} from '../format/text.js'
import type {Finding} from '../hooks/doctor.js'
import type {LockFile} from './lock-file.js'

/** What `clinvk doctor` says of a lock; nothing when it is free. */
export function lockFinding(lock: LockFile): Finding[] {
  const {pid, state} = lock.holder() ?? {}
  const what = `lock of ${lock.what.toLowerCase()}`
  if (state === undefined) return []
  if (state === 'alive') {
    // A change takes a fraction of a millisecond: who is seen here has stopped.
    const message = `Process ${pid} holds the ${what}. If it still does in a minute, it hangs.`
    return [{state: 'warning', message, hints: [`Look at it: ps -p ${pid}`]}]
  }
  if (state === 'dead') {
    const repair = () => {
      // Does nothing where a living process has acquired it meanwhile.
      lock.tryAcquire()?.release()
      return `Removed the stale ${what}.`
    }
    const message = `The ${what} is stale: process ${pid} has ended. The next change removes it.`
    return [{state: 'warning', message, repair}]
  }

  const who = pid === undefined ? 'An unknown process' : `Process ${pid}`
  const message = `${who} of another machine or container holds the ${what}.`
  return [
    {
      state: 'warning',
      message,
      hints: [`If no clinvk runs there any more: ${quoteCommand(['rm', '-r', lock.path])}`],
      question: `${message} Has every clinvk there ended, and should the lock be removed?`,
      repair() {
        rmSync(lock.path, {recursive: true, force: true})
        return `Removed the ${what}.`
      },
    },
  ]
}
