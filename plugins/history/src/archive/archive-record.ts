import type {Ask, ConversationAbout, Files, History, RecordedConversation} from 'clinvk-contract'
import {archiveConversation, archiveExport, type ArchiveOptions, isArchived} from './archive.js'
import {archivedConversation} from './archived.js'

/** How the record of an agent is reached. `ask` absent: its program is not started. */
export interface RecordAccess {
  readonly history: History
  readonly files: Files
  readonly ask?: Ask
}

/**
 * Archives what an agent has recorded of a conversation, and first of those without which it cannot be read. What the
 * agent keeps in no files is exported, if its program may be started. Throws what the system says.
 */
export async function archiveRecord(
  recorded: RecordedConversation,
  access: RecordAccess,
  options: ArchiveOptions,
): Promise<void> {
  const {backend, child, env} = options
  const {id, paths, version} = recorded
  const {ask = NO_ANSWER, files, history} = access
  if (paths.length === 0) {
    if (!access.ask || !history.exportProgram) return
    if (archivedConversation(env, backend, id)?.version === version) return
    const answer = await ask(history.exportProgram(id))
    if (answer?.code === 0) await archiveExport(recorded, answer.stdout, {...options, about: recorded.about})
    return
  }

  // Most turns find nothing else new; the record is opened only where something is.
  if (isArchived(recorded, options)) return
  const about = {...options.about, ...recorded.about, ...(await beginningOf(recorded, access))}
  const added = await archiveConversation(recorded, {...options, about})
  if (!added) return
  for (const parent of about.parents ?? []) {
    // A circle has no end.
    if (parent === child || parent === id) continue
    const [found] = await history.conversations(files, ask, {id: parent, cwd: about.cwd ?? '/'})
    if (found) await archiveRecord(found, access, {...options, about: undefined, child: id})
  }
}

/** What a record tells of its conversation before the first message. */
async function beginningOf(
  recorded: RecordedConversation,
  {ask = NO_ANSWER, files, history}: RecordAccess,
): Promise<ConversationAbout> {
  let about: ConversationAbout = {}
  for await (const entry of history.transcript(recorded, files, ask)) {
    if (entry.type !== 'about') break
    about = {...about, ...entry.about}
  }

  return about
}

const NO_ANSWER: Ask = () => Promise.resolve(undefined)
