/** An agent that starts clinvk as a tool leaves these behind; the claude that clinvk starts is not part of that session. */
export const UNNESTED = {
  CLAUDECODE: undefined,
  CLAUDE_CODE_CHILD_SESSION: undefined,
  CLAUDE_CODE_ENTRYPOINT: undefined,
  CLAUDE_CODE_SESSION_ID: undefined,
  CLAUDE_CODE_SSE_PORT: undefined,
}
