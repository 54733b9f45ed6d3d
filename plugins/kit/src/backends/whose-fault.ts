import type {Origin} from './load-backend.js'

/** Where a backend that fails comes from, and what to do about it: a hint for the user. */
export function whoseFault({isLinked, plugin, pluginVersion, root}: Origin): string {
  return isLinked
    ? `It comes from ${plugin}, linked from ${root}: build or repair it there.`
    : `It comes from ${plugin} ${pluginVersion}. Try: clinvk plugins update`
}
