import type {Problem} from 'clinvk-kit/settings/problem'
import {sourceJson} from './source-text.js'

/** A problem for programs: an editor that goes to the place, a check in CI. */
export function problemJson({hints, key, message, source}: Problem): object {
  return {key, message, hints, ...sourceJson(source)}
}
