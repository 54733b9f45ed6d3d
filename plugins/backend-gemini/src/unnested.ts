/** A gemini that starts clinvk as a tool leaves this behind; the one that clinvk starts is not part of that session. */
export const UNNESTED = {GEMINI_CLI: undefined}
