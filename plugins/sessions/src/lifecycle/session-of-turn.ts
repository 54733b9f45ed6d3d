import {realpathSync} from 'node:fs'
import {Failure} from 'clinvk-kit/errors/failure'
import type {TaskOfRun} from 'clinvk-kit/turn/request'
import type {SessionQuestion, TurnSessionRecord} from 'clinvk-kit/turn/context'
import {turnRecord} from './turn-record.js'
import {resolveSession} from '../resolve/resolve-session.js'
import {type SessionFile, shortId} from '../store/session-file.js'
import {checkResumable, isRunning} from '../store/status.js'
import {newSessionId, SessionStore} from '../store/store.js'
import {checkName, titleFrom} from '../view/labels.js'

/** The session of a turn: a new one, the one that the user named, or the last one. Writes nothing. Throws a Failure. */
export function sessionOfTurn({cwd, env, request, settings}: SessionQuestion): TurnSessionRecord {
  const store = new SessionStore(env)
  const storeTokenUsage = settings.session.store_token_usage
  const {session: asked} = request
  const here = realpathSync(cwd)

  const resume = (session: SessionFile, tags: readonly string[], notices: readonly string[] = []) => {
    const elsewhere =
      session.working_dir !== here ? [`Session ${shortId(session)} continues in ${session.working_dir}`] : []
    const reopened =
      session.closed_at === undefined ? [] : [`Session ${shortId(session)} was closed; it is open again.`]
    return turnRecord({
      store,
      session: {...session, working_dir: session.working_dir || here},
      isNew: false,
      tags,
      notices: [...notices, ...elsewhere, ...reopened],
      storeTokenUsage,
    })
  }

  switch (asked.kind) {
    case 'named': {
      const session = resolveSession(asked.reference, store)
      checkBackend(session, request.backend)
      checkResumable(session)
      return resume(session, asked.tags)
    }

    case 'continue':
      return resume(lastResumable(store, request.backend, settings, here), asked.tags)
    case 'ephemeral':
      throw new Error('an ephemeral turn has no session')
    case 'new': {
      if (
        settings.session.auto_resume &&
        !asked.fresh &&
        asked.name === undefined &&
        asked.tags.length === 0
      ) {
        const last = store.newest({backend: request.backend, directory: here, resumable: true})
        if (last && !isRunning(last)) {
          return resume(
            last,
            [],
            [`Continuing session ${shortId(last)} (session.auto_resume; --new starts another).`],
          )
        }
      }

      if (asked.name !== undefined) checkName(asked.name)
      return turnRecord({
        store,
        session: {
          id: newSessionId(),
          name: asked.name,
          ...(asked.task && ofTask(asked.task)),
        },
        isNew: true,
        tags: [...settings.session.default_tags, ...asked.tags],
        notices: [],
        storeTokenUsage,
      })
    }
  }
}

/** The fields of a session that say which task of which run it belongs to. */
function ofTask({meta, name, number, run}: TaskOfRun): Pick<SessionFile, 'run' | 'title' | 'metadata'> {
  return {
    run: {id: run, task: number},
    title: name === undefined ? undefined : titleFrom(name),
    metadata: meta && {...meta},
  }
}

function checkBackend(session: SessionFile, backend: string | undefined): void {
  if (backend === undefined || backend === session.backend) return
  throw new Failure(
    'usage',
    `Session ${shortId(session)} belongs to ${session.backend}; ${backend} cannot continue it.`,
    [`Leave out --backend, or start a new session: clinvk -b ${backend} "…"`],
  )
}

function lastResumable(
  store: SessionStore,
  backend: string | undefined,
  {session: {continue_scope: scope}}: SessionQuestion['settings'],
  here: string,
): SessionFile {
  const directory = scope === 'here' ? here : undefined
  const found = store.newest({backend, directory, resumable: true})
  if (found) return found
  const where = scope === 'here' ? ' in this directory' : ''
  const which = backend === undefined ? '' : ` of ${backend}`
  throw new Failure('session', `There is no session${which}${where} to continue.`, ['Start one: clinvk "…"'])
}
