import type {Config} from '@oclif/core'
import type {ConversationAbout} from 'clinvk-contract'
import {ioOf} from 'clinvk-kit/command'
import type {AgentConversation, ConversationsQuestion} from 'clinvk-kit/hooks/history'
import {userOf} from '../sync/caller.js'
import {readSources, type Source} from '../sync/sources.js'
import {recordsOf, type Unit} from '../sync/units.js'
import {promptOf} from '../transcript/message.js'
import {historyContext, readTurns} from '../transcript/read-turns.js'

/** Answers `history:conversations`. Throws a Failure when the user interrupts. */
export default async function conversations({
  config,
  isBrief,
  prefix,
}: ConversationsQuestion & {readonly config: Config}): Promise<AgentConversation[]> {
  const {env} = ioOf(config)
  if (prefix !== undefined) return beginning({prefix, isBrief}, config)
  const {syncNow} = await import('../sync/sync-now.js')
  await syncNow(userOf(config))
  return [...readSources(env).sources.values()].flatMap(foreign)
}

/** Of those that are only in clinvk's own records now, the agent can continue none. */
function foreign({
  about,
  backend,
  conversation: id,
  goneAt,
  prompt,
  session,
  turns,
}: Source): AgentConversation[] {
  // Without a prompt it is a thread that an agent has made for itself.
  if (id === undefined || session !== undefined || goneAt !== undefined || prompt === undefined) return []
  const {cwd, startedAt, title, updatedAt} = about
  return [{backend, id, cwd, title, prompt, startedAt, updatedAt, turns}]
}

/** Asks the agents for their conversations, which reads little, and reads those that are meant. */
async function beginning(
  {isBrief, prefix}: {readonly prefix: string; readonly isBrief?: boolean},
  config: Config,
): Promise<AgentConversation[]> {
  const {stderr} = ioOf(config)
  const notice = (message: string) => stderr.write(`Note: ${message}\n`)
  const context = {...(await historyContext(config)), notice}
  const units = (
    await Promise.all([...context.backends.values()].map((entry) => recordsOf(entry, context)))
  ).flat()
  const exact = units.filter(({conversation}) => conversation === prefix)
  const found = exact.length > 0 ? exact : units.filter(({conversation}) => conversation?.startsWith(prefix))
  return Promise.all(found.slice(0, MAX_READ).map((unit) => read(unit, context, isBrief)))
}

async function read(
  {backend, conversation: id = '', recorded}: Unit,
  context: Parameters<typeof readTurns>[1],
  isBrief = false,
): Promise<AgentConversation> {
  let about: ConversationAbout = {...recorded?.about}
  let [prompt, model, updatedAt]: (string | undefined)[] = []
  let turns = 0
  const subject = {recorded, conversation: {backend, id, cwd: about.cwd}}
  for await (const turn of readTurns(subject, context, (more) => (about = {...about, ...more}))) {
    prompt ??= promptOf(turn)
    model = turn.calls.at(-1)?.model ?? model
    updatedAt = turn.endedAt
    turns++
    if (isBrief && prompt !== undefined) break
  }

  const {cwd, startedAt, state, title} = about
  return {
    backend,
    id,
    cwd,
    title,
    prompt,
    model,
    startedAt,
    updatedAt: updatedAt ?? about.updatedAt,
    turns,
    state,
  }
}

/** An error names ten of them, so more are not read. */
const MAX_READ = 11
