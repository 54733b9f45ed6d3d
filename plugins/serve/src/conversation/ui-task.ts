import type {ChatRequest} from './chat-request.js'

/**
 * Whether a chat program asks for something that the user does not see as a message: a title, tags, questions to ask
 * next. It asks with the same model as for the chat, and each would become a session of its own.
 */
export function isUiTask(request: ChatRequest): boolean {
  const {system} = request
  const question = request.question.at(-1)!.text
  const isOpenWebUi = [system, question].some((text) => /^\s*### Task:/.test(text))
  // With documents, it asks the user's own question in a prompt that begins like that.
  if (isOpenWebUi && /<chat_history>/.test(system + question)) return true
  return LIBRE_CHAT.test(question) || LIBRE_CHAT.test(system)
}

const LIBRE_CHAT =
  /^\s*(?:Provide a concise, 5-word-or-less title for the conversation|Analyze this conversation and provide:\s*1\. The detected language)/

/** What can be answered without an agent, in the form that was asked for. */
export function withoutAgent({history, question, system}: ChatRequest): string {
  const task = `${system}\n${question.at(-1)!.text}`
  for (const field of ['follow_ups', 'queries', 'tags'])
    if (new RegExp(`"${field}"\\s*:`).test(task)) return JSON.stringify({[field]: []})
  const [, said = (history[0] ?? question[0]!).text] =
    /(?:<chat_history>|\nConversation:|quotation\))\s*(?:user:)?\s*(\S[\s\S]*?)(?:\n\s*(?:assistant|ai):|<\/chat_history>|$)/i.exec(
      task,
    ) ?? []
  const title = said.trim().split(/\s+/).slice(0, 6).join(' ').slice(0, 60) || 'Chat'
  return /"title"\s*:/.test(task) ? JSON.stringify({title}) : title
}
