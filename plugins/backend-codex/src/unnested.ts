/** What codex tells the commands that it runs (seen with 0.169.0); the codex that clinvk starts is not one of them. */
export const UNNESTED = {
  CODEX_CI: undefined,
  CODEX_PERMISSION_PROFILE: undefined,
  CODEX_SANDBOX: undefined,
  CODEX_SANDBOX_NETWORK_DISABLED: undefined,
  CODEX_SESSION_ID: undefined,
  CODEX_THREAD_ID: undefined,
  CODEX_TOOL_CALL_ID: undefined,
  CODEX_VERSION: undefined,
}
