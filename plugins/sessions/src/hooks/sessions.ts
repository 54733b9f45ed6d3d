import type {Config} from '@oclif/core'
import type {DataCall, SessionData, SessionPage, Sessions, ShownData} from 'clinvk-kit/for-plugins/sessions'
import {close, rename, reopen, tag} from '../lifecycle/change-sessions.js'
import {deleteSessions} from '../lifecycle/delete-sessions.js'
import {findSessions, placeOf} from '../lifecycle/place.js'
import type {SessionFile} from '../store/session-file.js'
import {listSessions} from '../view/list-sessions.js'
import {listJson, sessionJson} from '../view/session-json.js'
import {showSession, shownJson} from '../view/show-session.js'

/** Answers `sessions`. */
export default function sessions({config}: {readonly config: Config}): Promise<Sessions> {
  const on = (call?: DataCall) => placeOf(config, call?.note)
  const named = (reference: string, call?: DataCall) => {
    const place = on(call)
    return [findSessions([reference], place), place] as const
  }
  return Promise.resolve({
    version: 1,
    list: async (filter = {}, call) => listJson(await listSessions(filter, on(call))) as SessionPage,
    show: async (reference, options = {}, call) =>
      shownJson(await showSession(reference, options, on(call))) as ShownData,
    rename: async (reference, name, call) => dataOf(await rename(reference, name, on(call))),
    tag: async (reference, change, call) => dataOf(await tag(reference, change, on(call))),
    close: async (reference, call) => dataOf((await close(...named(reference, call)))[0]!),
    reopen: async (reference, call) => dataOf((await reopen(...named(reference, call)))[0]!),
    async delete(reference, options = {}, call) {
      const [sessions, place] = named(reference, call)
      return deleteSessions(sessions, options, place)
    },
  })
}

function dataOf(session: SessionFile): SessionData {
  return sessionJson(session) as SessionData
}
