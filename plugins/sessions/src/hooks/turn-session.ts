import {realpathSync} from 'node:fs'
import type {SessionQuestion, TurnSessionRecord} from 'clinvk-kit/turn/context'
import {turnRecord} from '../lifecycle/turn-record.js'
import {checkBackend, lastSession, resolveSession} from '../resolve/resolve-session.js'
import {type SessionFile, shortId} from '../store/session-file.js'
import {checkResumable, isRunning} from '../store/status.js'
import {SessionStore} from '../store/store.js'
import {checkName} from '../view/labels.js'

/** Answers `turn:session`. Throws a Failure. */
export default function turnSession(question: SessionQuestion): Promise<TurnSessionRecord> {
  return Promise.resolve(sessionOfTurn(question))
}

function sessionOfTurn({cwd, env, request, settings}: SessionQuestion): TurnSessionRecord {
  const store = new SessionStore(env)
  const {auto_resume, continue_scope, default_tags} = settings.session
  const {store_token_usage: storeTokenUsage, store_transcripts: storeTranscripts} = settings.session
  const stored = {store, storeTokenUsage, storeTranscripts}
  const {backend, session: asked} = request
  const here = realpathSync(cwd)

  const resume = (session: SessionFile, tags: readonly string[], notices: readonly string[] = []) => {
    const id = shortId(session)
    const {closed_at} = session
    const directory = session.working_dir || here
    return turnRecord({
      ...stored,
      resumed: {...session, working_dir: directory},
      tags,
      notices: [
        ...notices,
        ...(directory === here ? [] : [`Session ${id} continues in ${directory}`]),
        ...(closed_at === undefined ? [] : [`Session ${id} was closed; it is open again.`]),
      ],
    })
  }

  switch (asked.kind) {
    case 'named': {
      const session = resolveSession(asked.reference, store)
      checkBackend(session, backend)
      checkResumable(session)
      return resume(session, asked.tags)
    }

    case 'continue': {
      const directory = continue_scope === 'here' ? here : undefined
      return resume(lastSession(store, {backend, directory}, 'Start one: clinvk "…"'), asked.tags)
    }

    case 'ephemeral':
      throw new Error('an ephemeral turn has no session')
    case 'new': {
      const {fresh, name, tags, task} = asked
      if (auto_resume && !fresh && name === undefined && tags.length === 0) {
        const last = store.newest({backend, directory: here, resumable: true})
        if (last && !isRunning(last)) {
          const notice = `Continuing session ${shortId(last)} (session.auto_resume; --new starts another).`
          return resume(last, [], [notice])
        }
      }

      if (name !== undefined) checkName(name)
      return turnRecord({...stored, name, task, tags: [...default_tags, ...tags], notices: []})
    }
  }
}
