import {accessSync, constants, existsSync, readdirSync, statSync} from 'node:fs'
import {dirname} from 'node:path'
import type {Check, DoctorQuestion, Finding} from 'clinvk-kit/hooks/doctor'
import {messageOf, reasonOf} from 'clinvk-kit/errors/failure'
import {counted, formatNumber, quoteCommand} from 'clinvk-kit/format/text'
import {lockFinding} from 'clinvk-kit/process/lock-finding'
import {endOrphanedAgent} from 'clinvk-kit/process/stop-agent'
import {isAlive} from 'clinvk-kit/process/identity'
import {clearRunning} from '../lifecycle/turn-record.js'
import {type SessionFile, shortId} from '../store/session-file.js'
import {idOf} from '../store/session-files.js'
import {hasClinvk, isRunning} from '../store/status.js'
import {SessionStore} from '../store/store.js'

/** Answers `doctor`: what there is to check about sessions. */
export default function doctor({env}: DoctorQuestion): Promise<Check[]> {
  const store = new SessionStore(env)
  return Promise.resolve([
    // Before the others, whose look at the sessions may rebuild the index and remove abandoned files.
    {name: 'store', run: () => storeFindings(store)},
    {name: 'sessions', run: () => fileFindings(store)},
    {name: 'turns', run: () => turnFindings(store)},
  ])
}

/** Whether sessions can be written: directories, the lock, abandoned files. */
function storeFindings(store: SessionStore): Finding[] {
  const {directory, scratch} = store.files
  const home = dirname(directory)
  const unwritable = existsSync(home)
    ? [home, directory, store.index.directory, scratch].flatMap(unwritableFinding)
    : missingHomeFinding(home)
  if (unwritable.length > 0) return unwritable
  const abandoned = store.files.abandoned().length
  const found = lockFinding(store.lock)
  if (abandoned > 0) {
    found.push({
      state: 'warning',
      message: `${scratch} has ${counted(abandoned, 'temporary file')} of processes that were killed.`,
      async repair() {
        await store.lock.run(() => store.files.removeAbandoned())
        return 'Removed the temporary files.'
      },
    })
  }

  return found.length === 0 ? [{state: 'ok', message: 'sessions can be written'}] : found
}

/** The first session creates it, if the directory above may be changed. */
function missingHomeFinding(home: string): Finding[] {
  let above = dirname(home)
  while (!existsSync(above)) above = dirname(above)
  try {
    accessSync(above, constants.W_OK | constants.X_OK)
    return []
  } catch (error) {
    const message = `${home} cannot be created, so no session is kept: ${messageOf(error)}`
    return [{state: 'problem', message, hints: ['Use another place: export CLINVK_HOME=DIRECTORY']}]
  }
}

function unwritableFinding(directory: string): Finding[] {
  if (!existsSync(directory)) return []
  try {
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK)
    return []
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    const isOurs = statSync(directory).uid === process.getuid?.()
    const path = quoteCommand([directory])
    const hints = [
      ...(code === 'EACCES'
        ? [isOurs ? `Allow it: chmod u+rwx ${path}` : `It is not yours. ${takeOver(directory)}`]
        : []),
      ...(code === 'EPERM' ? [`It is protected from changes: sudo chattr -R -i ${path}`] : []),
      ...(isOurs && code !== 'EROFS' ? [] : ['Or use another place: export CLINVK_HOME=DIRECTORY']),
    ]
    return [{state: 'problem', message: `${directory} cannot be written: ${reasonOf(error)}`, hints}]
  }
}

/** After a use as root, for instance. */
function takeOver(directory: string): string {
  return `If it should be: sudo chown -R "$(id -un)" ${quoteCommand([directory])}`
}

/** Session files: how many, and which files among them are foreign. */
function fileFindings(store: SessionStore): Finding[] {
  const {directory} = store.files
  const {skipped, total} = store.list()
  const hint = 'Move it to another directory, or update clinvk if a later version wrote it.'
  const found: Finding[] = [
    {state: 'ok', message: `${counted(total, 'session')} in ${directory}`},
    ...skipped.map((message): Finding => {
      const hints = [message.endsWith('cannot be read.') ? `It is not yours. ${takeOver(directory)}` : hint]
      return {state: 'problem', message, hints}
    }),
  ]
  const names = existsSync(directory) ? readdirSync(directory).sort() : []
  const others = names.filter((name) => idOf(name) === undefined)
  if (others.length === 0) return found
  const more = others.length > SHOWN_FILES ? ` and ${formatNumber(others.length - SHOWN_FILES)} more` : ''
  const message = `${directory} has files that are not sessions: ${others.slice(0, SHOWN_FILES).join(', ')}${more}.`
  return [
    ...found,
    {state: 'warning', message, hints: ['They do no harm. Move them away if you do not need them.']},
  ]
}

/** Turns that run, agents that outlived a killed clinvk, and sessions whose turn has died. */
function turnFindings(store: SessionStore): Finding[] {
  const marked = store.list().sessions.filter(({running}) => running !== undefined)
  const orphaned = marked.filter((session) => isAlive(session.running!.agent) && !hasClinvk(session))
  const dead = marked.filter((session) => !isRunning(session))
  const count = marked.length - orphaned.length - dead.length
  const running = count === 0 ? 'no turn runs' : count === 1 ? '1 turn runs' : `${count} turns run`
  const found = [
    {state: 'ok', message: `${running} now`} as Finding,
    ...orphaned.map((session) => orphan(store, session)),
  ]
  if (dead.length === 0) return found
  const ids = dead.slice(0, SHOWN_SESSIONS).map(shortId).join(', ')
  const which = `${ids}${dead.length > SHOWN_SESSIONS ? ', …' : ''}`
  const many = 'are marked as running, but their processes are'
  const are = dead.length === 1 ? 'is marked as running, but its process is' : many
  return [
    ...found,
    {
      state: 'warning',
      message: `${counted(dead.length, 'session')} ${are} gone: ${which}. You can resume ${dead.length === 1 ? 'it' : 'them'}.`,
      async repair() {
        for (const session of dead) await clearRunning(store, session)
        return `Marked ${counted(dead.length, 'session')} as paused: ${which}.`
      },
    },
  ]
}

function orphan(store: SessionStore, session: SessionFile): Finding {
  const id = shortId(session)
  const agent = session.running!.agent!
  return {
    state: 'problem',
    message: `${session.backend} has outlived its turn in session ${id}: process ${agent.pid} still runs, its clinvk was killed.`,
    hints: [`Look at it: ps -p ${agent.pid}`],
    async repair() {
      if (!(await endOrphanedAgent(agent))) return `Process ${agent.pid} of session ${id} could not be ended.`
      await clearRunning(store, session)
      return `Ended process ${agent.pid} (${session.backend}) of session ${id}, and all that it had started.`
    },
  }
}

const SHOWN_FILES = 3
const SHOWN_SESSIONS = 5
