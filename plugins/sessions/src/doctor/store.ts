import {accessSync, constants, existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import type {Check, DoctorQuestion, Finding} from 'clinvk-kit/hooks/doctor'
import {messageOf} from 'clinvk-kit/errors/failure'
import type {LockHolder} from 'clinvk-kit/process/lock-file'
import {clinvkHome} from 'clinvk-kit/settings/files'
import {isId} from '../store/session-files.js'
import type {SessionStore} from '../store/store.js'

/** Whether sessions can be written: directories, the lock, what dead writers have left. */
export function storeCheck(store: SessionStore, env: DoctorQuestion['env']): Check {
  const home = clinvkHome(env)
  const [index, work] = [join(home, 'index'), join(home, 'work')]
  const renewal = (message: string): Finding => ({
    state: 'warning',
    message,
    async repair() {
      await store.renewIndex()
      return 'Wrote the index of the sessions anew and removed temporary files.'
    },
  })

  return {
    name: 'store',
    run() {
      const locked = [home, join(home, 'sessions'), index, work].flatMap((directory) => unwritable(directory))
      if (locked.length > 0) return locked
      const abandoned = store.abandoned()
      const holder = store.holder()
      const found = [
        ...(holder === undefined ? [] : [held(holder)]),
        ...(holder === undefined && isStale(store, join(home, 'sessions'))
          ? [renewal('The index of the sessions is not up to date.')]
          : []),
        ...(abandoned.length === 0
          ? []
          : [
              renewal(
                `${work} has ${abandoned.length} temporary file${abandoned.length === 1 ? '' : 's'} of writers that died.`,
              ),
            ]),
      ]
      return found.length === 0 ? [{state: 'ok', message: 'sessions can be written'}] : found
    },
  }
}

function unwritable(directory: string): Finding[] {
  if (!existsSync(directory)) return []
  try {
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK)
    return []
  } catch (error) {
    return [
      {
        state: 'problem',
        message: `${directory} cannot be written: ${messageOf(error)}`,
        hints: [`Make it yours: sudo chown -R "$(id -un)" ${directory}; chmod u+rwx ${directory}`],
      },
    ]
  }
}

/** A turn holds the store for a fraction of a millisecond; whoever is met there does not go on. */
function held({pid, state}: LockHolder): Finding {
  const where = state === 'unknown' ? ' of another machine' : ''
  return {
    state: 'warning',
    message: `Process ${pid ?? 'unknown'}${where} holds the sessions at this moment. If it still does at the next look, it has stopped.`,
    hints: [`Look at it: ps -p ${pid}`],
  }
}

function isStale(store: SessionStore, directory: string): boolean {
  const {skipped, total} = store.list()
  const files = namesIn(directory).filter((name) => name.endsWith('.json') && isId(name.slice(0, -5)))
  return files.length !== total + skipped.length
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
