/** Says what the model was sent, so that an agent's own output proves that a conversation was resumed. */
export function defaultAnswer(prompts: readonly string[]): string {
  const seen = prompts.map((prompt) => `[${cut(prompt)}]`).join(' ')
  return `You said: ${cut(prompts.at(-1) ?? '')} | turns=${prompts.length} | seen: ${seen}`
}

// A prompt of megabytes shall not come back as an answer of megabytes.
const cut = (prompt: string) => prompt.slice(0, 200)
