/** How long an agent may take to tell its version, in milliseconds. Gemini CLI needs one to two seconds. */
export const ANSWER_MS = 5000
