import type {Turn} from '../call.js'

/**
 * Finds what the user typed among the text blocks of a user message. An interrupted prompt and the next one may be
 * blocks of one message; what claude writes there itself is no prompt.
 */
export function userTurns(turn: Turn, texts: string[]): Turn[] {
  const written = texts.map((text) => text.replaceAll(reminders, '').trim()).filter((text) => text !== '')
  const nudged = written.findIndex((text) => text.startsWith(nudge))
  if (nudged < 0 || (nudged === 0 && turn.toolResults.length === 0))
    return [{...turn, prompts: prompts(written)}]
  // An answer without visible text is not sent again: the nudge right after what it answered is its only trace.
  return [
    {...turn, prompts: prompts(written.slice(0, nudged))},
    {...nothing, role: 'assistant'},
    {...nothing, role: 'user', text: nudge, prompts: prompts(written.slice(nudged))},
  ]
}

const prompts = (texts: string[]) =>
  texts.filter((text) => !claudesOwn.some((start) => text.startsWith(start)))

const reminders = /<system-reminder>[^]*?<\/system-reminder>/g

const nudge = '[Your previous response had no visible output.'

// Seen with claude 2.1.197, each as a text block of its own in a user message. Side calls: `claude -p` makes none in
// the environment of `claudeEnv`, but for a HEAD / before the first call. The interactive program asks for a title
// (`<session>`, no tools, beside every prompt), `/compact` for a summary (`CRITICAL:`), each sub-agent makes calls with
// a conversation of its own, and a background command that ends brings one more call (`<task-notification>`). After a
// stream that broke, claude asks again without streaming. `usage` of claude's result leaves out that second asking and
// sub-agents; `modelUsage` has every call of the process.
const claudesOwn = [
  nudge,
  '[Request interrupted by user',
  '[structured-output-enforce]',
  'Continue from where you left off.',
  'Output token limit hit. Resume directly',
  'This session is being continued from a previous conversation',
  '<session>',
  '<command-name>',
  '<command-message>',
  '<local-command-',
  '<task-notification>',
  'CRITICAL: Respond with TEXT ONLY.',
]

const nothing = {text: '', prompts: [], toolCalls: [], toolResults: []}
