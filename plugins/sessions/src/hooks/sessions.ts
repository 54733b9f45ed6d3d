import type {Config} from '@oclif/core'
import {ioOf} from 'clinvk-kit/command'
import type {DataCall, SessionData, SessionPage, Sessions, ShownData} from 'clinvk-kit/for-plugins/sessions'
import {close, rename, reopen, tag} from '../lifecycle/change-sessions.js'
import {deleteSessions} from '../lifecycle/delete-sessions.js'
import {allOf, type SessionPlace} from '../lifecycle/place.js'
import type {SessionFile} from '../store/session-file.js'
import {SessionStore} from '../store/store.js'
import {listSessions} from '../view/list-sessions.js'
import {listJson, sessionJson} from '../view/session-json.js'
import {showSession, shownJson} from '../view/show-session.js'

/** Answers `sessions`. */
export default function sessions({config}: {readonly config: Config}): Promise<Sessions> {
  const io = ioOf(config)
  const onStderr = (message: string) => void io.stderr.write(`Note: ${message}\n`)
  // A store each time: what it remembers must not outlive the call.
  const placeOf = ({note = onStderr}: DataCall = {}): SessionPlace => ({
    config,
    io,
    store: new SessionStore(io.env),
    note,
  })
  return Promise.resolve({
    version: 1,
    list: async (filter = {}, call) => listJson(await listSessions(filter, placeOf(call))) as SessionPage,
    async show(reference, {brief: isBrief, cost: hasCost} = {}, call) {
      return shownJson(await showSession(reference, {hasCost, isBrief}, placeOf(call))) as ShownData
    },
    rename: async (reference, name, call) => dataOf(await rename(reference, name, placeOf(call))),
    tag: async (reference, change, call) => dataOf(await tag(reference, change, placeOf(call))),
    async close(reference, call) {
      const place = placeOf(call)
      const [session] = await close(allOf([reference], place), place)
      return dataOf(session!)
    },
    async reopen(reference, call) {
      const place = placeOf(call)
      const [session] = await reopen(allOf([reference], place), place)
      return dataOf(session!)
    },
    async delete(reference, {agent, withForks} = {}, call) {
      const place = placeOf(call)
      return deleteSessions(allOf([reference], place), {agent, withForks}, place)
    },
  })
}

function dataOf(session: SessionFile): SessionData {
  return sessionJson(session) as SessionData
}
