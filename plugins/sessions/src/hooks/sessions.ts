import type {Config} from '@oclif/core'
import type {SessionData, SessionPage, Sessions, ShownData} from 'clinvk-kit/for-plugins/sessions'
import {close, rename, reopen, tag} from '../lifecycle/change-sessions.js'
import {deleteSessions} from '../lifecycle/delete-sessions.js'
import {allOf, placeOf} from '../lifecycle/place.js'
import type {SessionFile} from '../store/session-file.js'
import {listSessions} from '../view/list-sessions.js'
import {listJson, sessionJson} from '../view/session-json.js'
import {showSession, shownJson} from '../view/show-session.js'

/** Answers `sessions`. */
export default function sessions({config}: {readonly config: Config}): Promise<Sessions> {
  return Promise.resolve({
    version: 1,
    list: async (filter = {}, call) =>
      listJson(await listSessions(filter, placeOf(config, call?.note))) as SessionPage,
    async show(reference, {brief: isBrief, cost: hasCost} = {}, call) {
      return shownJson(
        await showSession(reference, {hasCost, isBrief}, placeOf(config, call?.note)),
      ) as ShownData
    },
    rename: async (reference, name, call) =>
      dataOf(await rename(reference, name, placeOf(config, call?.note))),
    tag: async (reference, change, call) => dataOf(await tag(reference, change, placeOf(config, call?.note))),
    async close(reference, call) {
      const place = placeOf(config, call?.note)
      const [session] = await close(allOf([reference], place), place)
      return dataOf(session!)
    },
    async reopen(reference, call) {
      const place = placeOf(config, call?.note)
      const [session] = await reopen(allOf([reference], place), place)
      return dataOf(session!)
    },
    async delete(reference, {agent, withForks} = {}, call) {
      const place = placeOf(config, call?.note)
      return deleteSessions(allOf([reference], place), {agent, withForks}, place)
    },
  })
}

function dataOf(session: SessionFile): SessionData {
  return sessionJson(session) as SessionData
}
