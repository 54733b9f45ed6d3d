import type {Check, DoctorQuestion} from 'clinvk-kit/hooks/doctor'
import {filesCheck} from '../doctor/files.js'
import {runningCheck} from '../doctor/running.js'
import {storeCheck} from '../doctor/store.js'
import {SessionStore} from '../store/store.js'

/** Answers `doctor`: what there is to check about sessions. */
export default function doctor({env}: DoctorQuestion): Promise<Check[]> {
  const store = new SessionStore(env)
  // The store first: looking for sessions tidies up where the index is not up to date.
  return Promise.resolve([storeCheck(store, env), filesCheck(store, env), runningCheck(store)])
}
