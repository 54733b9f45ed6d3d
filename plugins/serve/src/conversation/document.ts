import type {Message} from './chat-request.js'

/** Bytes of an earlier conversation that are put in front of a prompt. */
const LARGEST_DOCUMENT = 64 * 1024

/** The first prompt of a session: the client's instructions, a conversation that it has had elsewhere, and the question. */
export function firstPrompt(
  question: string,
  {history, system}: {history: readonly Message[]; system: string},
): string {
  const blocks = [
    ...(system.trim() === '' ? [] : [`<instructions>\n${system.trim()}\n</instructions>`]),
    ...(history.length === 0
      ? []
      : [
          'This conversation was begun elsewhere. What was said so far is quoted here; continue it.',
          `<conversation>\n${cut(quoted(history))}\n</conversation>`,
        ]),
    question,
  ]
  return blocks.join('\n\n')
}

function quoted(history: readonly Message[]): string {
  return history.map(({role, text}) => `${role}: ${text.trim()}`).join('\n\n')
}

/** A text without its middle, where it is too long, and said so. */
function cut(text: string): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= LARGEST_DOCUMENT) return text
  const half = LARGEST_DOCUMENT / 2
  // A character that is cut through is left out.
  const part = (from: number, to: number) =>
    bytes
      .subarray(from, to)
      .toString('utf8')
      .replace(/^\uFFFD+|\uFFFD+$/g, '')
  const left = bytes.length - LARGEST_DOCUMENT
  return `${part(0, half)}\n\n[${left} bytes are left out here.]\n\n${part(bytes.length - half, bytes.length)}`
}
