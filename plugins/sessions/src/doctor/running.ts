import type {Check, Finding} from 'clinvk-kit/hooks/doctor'
import {endOrphanedAgent} from 'clinvk-kit/process/stop-agent'
import {isAlive, type ProcessIdentity} from 'clinvk-kit/process/identity'
import {type SessionFile, shortId} from '../store/session-file.js'
import {isRunning, statusOf} from '../store/status.js'
import type {SessionStore} from '../store/store.js'

/** Turns: those that run, agents that outlived a killed clinvk, and marks of turns that died. */
export function runningCheck(store: SessionStore): Check {
  return {
    name: 'turns',
    run() {
      const marked = store.list().sessions.filter(({running}) => running !== undefined)
      const orphans = marked.flatMap((session) => {
        const agent = orphanOf(session)
        return agent ? [{agent, session}] : []
      })
      const dead = marked.filter((session) => !isRunning(session))
      const count = marked.length - orphans.length - dead.length
      const running = count === 0 ? 'no turn runs' : `${count} turn${count === 1 ? ' runs' : 's run'}`
      return [
        {state: 'ok', message: `${running} now`},
        ...orphans.map(({agent, session}) => orphanFinding(store, session, agent)),
        ...(dead.length === 0 ? [] : [deadFinding(store, dead)]),
      ]
    },
  }
}

/** The agent of a turn, where it lives and its clinvk does not. */
function orphanOf({running}: SessionFile): ProcessIdentity | undefined {
  const {agent, clinvk} = running!
  return agent && isAlive(agent) && !isAlive(clinvk) ? agent : undefined
}

function orphanFinding(store: SessionStore, session: SessionFile, agent: ProcessIdentity): Finding {
  const id = shortId(session)
  return {
    state: 'problem',
    message: `${session.backend} has outlived its turn in session ${id}: process ${agent.pid} still runs, its clinvk was killed.`,
    hints: [`Look at it: ps -p ${agent.pid}`],
    async repair() {
      if (!(await endOrphanedAgent(agent))) return `Process ${agent.pid} of session ${id} could not be ended.`
      await clear(store, session)
      return `Ended process ${agent.pid} (${session.backend}) of session ${id}, and all that it had started.`
    },
  }
}

function deadFinding(store: SessionStore, sessions: readonly SessionFile[]): Finding {
  const ids = sessions.slice(0, SHOWN).map((session) => shortId(session))
  const which = `${ids.join(', ')}${sessions.length > SHOWN ? ', …' : ''}`
  const count = `${sessions.length} session${sessions.length === 1 ? ' bears' : 's bear'}`
  return {
    state: 'warning',
    message: `${count} the mark of a turn that died: ${which}. They can be resumed.`,
    async repair() {
      for (const session of sessions) await clear(store, session)
      return `Cleared the mark of a dead turn from ${sessions.length} session${sessions.length === 1 ? '' : 's'}: ${which}.`
    },
  }
}

/** Only where nobody has begun another turn meanwhile. */
async function clear(store: SessionStore, {id}: SessionFile): Promise<void> {
  await store.update(id, (session) => {
    if (!session.running || isRunning(session)) return
    delete session.running
    session.last_outcome = 'cancelled'
    session.status = statusOf(session)
  })
}

const SHOWN = 5
