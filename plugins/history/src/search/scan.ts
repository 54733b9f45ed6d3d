import {realPathOf} from 'clinvk-kit/files/read-file'
import {labelOf} from 'clinvk-plugin-sessions/view/labels'
import {SessionStore} from 'clinvk-plugin-sessions/store/store'
import {promptOf} from '../transcript/message.js'
import {readSources, sourceKey} from '../sync/sources.js'
import {findUnits, subjectOf, type Unit} from '../sync/units.js'
import {type HistoryContext, readTurns} from '../transcript/read-turns.js'
import {type Hit, type Hits, MANY, type Query} from './query.js'
import {wordsMatcher} from './words.js'
import {labelWords, type Words, wordsOf} from './write-index.js'

/** Finds the same without an index: reads all conversations, the newest first. */
export async function scan(
  query: Query,
  context: Required<HistoryContext>,
  signal: AbortSignal,
): Promise<Hits> {
  const {sources} = readSources(context.env)
  const store = new SessionStore(context.env)
  const units = [...(await findUnits(store, sources, {...context, signal})).values()]
  const found: Hit[] = []
  const matches = wordsMatcher(query.words)
  let total = 0
  for (const unit of units
    .filter((each) => isWanted(each, query))
    .sort((a, b) => b.changedAt - a.changedAt)) {
    const {backend, conversation: native, recorded} = unit
    let about = recorded?.about ?? sources.get(sourceKey(unit))?.about ?? {}
    const subject = subjectOf(unit, store, about)
    const directory = () => {
      const cwd = subject.session?.working_dir || about.cwd
      return cwd ? realPathOf(cwd) : undefined
    }
    let prompt: string | undefined
    const take = (turn: number, words: Words | undefined) => {
      if (!words || !isFound(words, query) || !matches(words.text)) return
      total++
      if (found.length >= query.limit) return
      const {at, role, text} = words
      // A thread without a prompt is that of a sub-agent.
      const owner = (prompt === undefined && about.forkedFrom) || native
      const id = unit.session ?? owner ?? ''
      const title = subject.session?.name ?? subject.session?.title ?? about.title ?? prompt
      found.push({
        id,
        backend,
        native: owner,
        session: unit.session,
        directory: directory(),
        title,
        turn,
        role,
        at,
        text,
      })
    }
    const isElsewhere = () => query.directory !== undefined && directory() !== query.directory
    let at = 0
    for await (const turn of readTurns(subject, context, (more) => (about = {...about, ...more}))) {
      if (signal.aborted) return {hits: found, total}
      if (isElsewhere()) break
      prompt ??= promptOf(turn)
      at = Date.parse(turn.endedAt) || at
      for (const message of turn.messages) take(turn.number, wordsOf(message, turn))
    }

    const label = (subject.session && labelOf(subject.session)) ?? about.title
    if (label !== prompt && !isElsewhere()) take(0, labelWords(label, at))
  }

  return {hits: found, total: Math.min(total, MANY + 1)}
}

function isWanted({backend, session}: Unit, query: Query): boolean {
  if (query.backend !== undefined && backend !== query.backend) return false
  return query.sessions === undefined || (session !== undefined && query.sessions.includes(session))
}

function isFound({at, column}: Words, {since, tool}: Query): boolean {
  if (since && at < since.getTime()) return false
  return tool ? column === 'tool' || column === 'result' : column !== 'result'
}
