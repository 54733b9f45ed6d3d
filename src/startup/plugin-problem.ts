/** Why a plugin of the user, or a part of it, is not used. */
export interface PluginProblem {
  /** A sentence that names the plugin. */
  readonly message: string
  /** What to do, a sentence or command each. */
  readonly hints: readonly string[]
}
