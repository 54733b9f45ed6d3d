/** Where a backend comes from. */
export interface Origin {
  readonly name: string
  /** The package that brought it. */
  readonly plugin: string
  readonly pluginVersion: string
  /** Absolute directory of the package. */
  readonly root: string
  /** The user works on it: it is used as it stands in that directory. */
  readonly isLinked?: boolean
}

/** A hint for the user whose backend is broken: which package it comes from, and what to do about it. */
export function originHint({isLinked, plugin, pluginVersion, root}: Origin): string {
  return isLinked
    ? `It comes from ${plugin}, linked from ${root}: build or repair it there.`
    : `It comes from ${plugin} ${pluginVersion}. Try: clinvk plugins update`
}
