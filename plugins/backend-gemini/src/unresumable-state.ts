import type {Json} from 'clinvk-contract'

/**
 * Whether gemini has nothing of the conversation. When a model call fails or the
 * model repeats itself, gemini 0.61.0 takes the prompt back; after a first turn
 * nothing is left to resume, and the conversation begins again with the same id.
 */
export function isUnresumable(state: Json | undefined): boolean {
  return JSON.stringify(state) === JSON.stringify(UNRESUMABLE)
}

/** Kept with such a session. The name of the field is that of sessions that are stored already. */
export const UNRESUMABLE = {lost: true}
