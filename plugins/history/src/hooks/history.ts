import type {Config} from '@oclif/core'
import {ioOf} from 'clinvk-kit/command'
import type {History, StoppableCall} from 'clinvk-kit/for-plugins/history'
import {findSession, placeOf} from 'clinvk-plugin-sessions/lifecycle/place'
import {hitsJson} from '../search/hits-text.js'
import {searchHistory} from '../search/search-history.js'
import type {Caller} from '../sync/caller.js'
import {logPart} from '../view/log-part.js'
import {openConversation} from '../view/open-conversation.js'

/** Answers `history`. */
export default function history({config}: {readonly config: Config}): Promise<History> {
  const callerOf = ({note, stop = NEVER}: StoppableCall = {}): Caller => ({...placeOf(config, note), stop})
  return Promise.resolve({
    version: 1,
    async log(reference, part = {}, call) {
      const caller = callerOf(call)
      const session = await findSession(reference, placeOf(config, caller.note))
      return logPart(await openConversation(session, caller), part, caller)
    },
    search: async (query, call) => hitsJson(await searchHistory(query, callerOf(call))),
    async usage({backend, by = 'day', since = monthAgo(ioOf(config).now())} = {}, call) {
      const {reportUsage} = await import('../usage/report.js')
      const {usageJson} = await import('../usage/view.js')
      const {rows, total} = await reportUsage({backend, by, since}, callerOf(call))
      return usageJson(rows, total)
    },
  })
}

/** The first day is a whole one. */
function monthAgo(now: Date): Date {
  const first = new Date(now)
  first.setDate(first.getDate() - 30)
  first.setHours(0, 0, 0, 0)
  return first
}

const NEVER = new AbortController().signal
