import type {Json, Turn} from 'clinvk-contract'

/**
 * Whether gemini has nothing of the conversation. When a model call fails or the
 * model repeats itself, gemini 0.61.0 takes the prompt back; after a first turn
 * nothing is left that it could resume, and the conversation begins once more.
 */
export function isLost({session}: Turn): boolean {
  return session.kind === 'resume' && isLostState(session.state)
}

export function isLostState(state: Json | undefined): boolean {
  return JSON.stringify(state) === JSON.stringify(LOST)
}

/** What is kept with such a session. */
export const LOST = {lost: true}
