import {counted} from 'clinvk-kit/format/text'
import type {Candidate} from 'clinvk-kit/hooks/complete'
import {relativeTime} from 'clinvk-kit/format/time'
import {listRuns} from 'clinvk-kit/runs/store/kept-runs'
import type {Question} from './values.js'

/** The beginnings of the ids of runs, the newest first, and `@last`. */
export function runs({beginning, env}: Question): Candidate[] {
  const ids = listRuns(env).runs.flatMap(({summary}): Candidate[] => {
    const {id, started_at, state, tasks} = summary
    const age = relativeTime(new Date(started_at), new Date())
    const value = beginning.length > 8 ? id : id.slice(0, 8)
    return value.startsWith(beginning)
      ? [{value, description: `${state}, ${counted(tasks.total, 'task')}, ${age}`}]
      : []
  })
  const [last] = ids
  const shown = ids.slice(0, MAX_OFFERED)
  return last ? [{value: '@last', description: last.description}, ...shown] : []
}

const MAX_OFFERED = 20
