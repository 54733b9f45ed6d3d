import type {Conversation, RecordedConversation} from 'clinvk-contract'
import {askAgent} from '../backends/ask-agent.js'
import {agentFiles} from './agent-files.js'
import type {PreparedInteractive} from './interactive-session.js'

/** The ids of all conversations that an agent has: where it makes a copy in its own program, it tells nobody the new one. */
export async function conversationIds(prepared: PreparedInteractive): Promise<ReadonlySet<string>> {
  return new Set((await allOf(prepared)).conversations.map(({id}) => id))
}

/** The conversation that the agent has made of the prepared one since; undefined where it has made none. */
export async function forkOf(
  prepared: PreparedInteractive,
  known: ReadonlySet<string>,
): Promise<Conversation | undefined> {
  const {conversation, entry} = prepared
  const {conversations, ...place} = await allOf(prepared)
  const made = conversations.filter(({id}) => !known.has(id))
  const {history} = await entry.load()
  let found: RecordedConversation | undefined
  for (const one of made) {
    let about = one.about ?? {}
    // Others may have begun meanwhile, in other directories.
    if (made.length > 1 && history)
      for await (const said of history.transcript(one, place.files, place.ask))
        if (said.type === 'about') about = {...about, ...said.about}
    const isCopy = about.forkedFrom === conversation.id
    if (isCopy || (about.cwd ?? conversation.cwd) === conversation.cwd) found = one
    if (isCopy) break
  }

  return found && {id: found.id, cwd: conversation.cwd, state: found.about?.state}
}

async function allOf({conversation: {cwd}, entry, env}: PreparedInteractive) {
  const files = agentFiles(entry.descriptor.directories ?? [], env)
  const ask = askAgent(entry, {cwd, env})
  const {history} = await entry.load()
  return {files, ask, conversations: (await history?.conversations(files, ask)) ?? []}
}
