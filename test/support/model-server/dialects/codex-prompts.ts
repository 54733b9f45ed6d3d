/** What the user typed among the texts of a user message. What codex writes there itself is no prompt. */
export function promptsOf(texts: readonly string[]): string[] {
  return texts
    .map((text) => text.trim())
    .filter((text) => text !== '' && !codexsOwn.some((start) => text.startsWith(start)))
}

// Seen with codex 0.169.0, each as a user message of its own. It makes no side calls in the environment of `codexEnv`.
const codexsOwn = [
  '<environment_context>',
  '# AGENTS.md instructions',
  '<user_instructions>',
  '<turn_aborted>',
  '<permissions instructions>',
  '<skills_instructions>',
  '<collaboration_mode>',
]
