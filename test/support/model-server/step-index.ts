import type {Turn} from './call.js'

/**
 * How many answers the model has given since the last prompt. Read from the conversation alone, so that it is right
 * when another process of the agent goes on with it. Assistant turns side by side are one answer.
 */
export function stepIndex(turns: readonly Turn[]): number {
  const since = turns.slice(turns.findLastIndex((turn) => turn.prompts.length > 0) + 1)
  return since.filter((turn, index) => turn.role === 'assistant' && since[index - 1]?.role !== 'assistant')
    .length
}
