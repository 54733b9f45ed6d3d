import {realPathOf} from 'clinvk-kit/files/read-file'
import {SessionStore} from 'clinvk-plugin-sessions/store/store'
import {readSources, sourceKey} from '../sync/sources.js'
import {findUnits, type Unit} from '../sync/units.js'
import {type HistoryContext, readTurns} from '../transcript/read-turns.js'
import {type Hit, type Hits, MANY, type Query} from './query.js'
import {wordsMatcher} from './words.js'
import {wordsOf} from './write-index.js'

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
    const {backend, conversation: native, others, recorded} = unit
    const session = unit.session === undefined ? undefined : store.files.read(unit.session)
    let about = recorded?.about ?? sources.get(sourceKey(unit))?.about ?? {}
    const subject = {
      recorded,
      others,
      session: typeof session === 'object' ? session : undefined,
      conversation: native === undefined ? undefined : {backend, id: native, cwd: about.cwd},
    }
    for await (const turn of readTurns(subject, context, (more) => (about = {...about, ...more}))) {
      if (signal.aborted) return {hits: found, total}
      const cwd = subject.session?.working_dir || about.cwd
      const directory = cwd ? realPathOf(cwd) : undefined
      if (query.directory !== undefined && directory !== query.directory) break
      const {name, title: given} = subject.session ?? {}
      const title = name ?? given ?? about.title ?? sources.get(sourceKey(unit))?.prompt
      for (const message of turn.messages) {
        const words = wordsOf(message, turn)
        if (!words || !isFound(words, query) || !matches(words.text)) continue
        total++
        const {at, role, text} = words
        if (found.length < query.limit)
          found.push({
            id: unit.session ?? native ?? '',
            backend,
            native,
            session: unit.session,
            directory,
            title,
            turn: turn.number,
            role,
            at,
            text,
          })
      }
    }
  }

  return {hits: found, total: Math.min(total, MANY + 1)}
}

function isWanted({backend, session}: Unit, query: Query): boolean {
  if (query.backend !== undefined && backend !== query.backend) return false
  return query.sessions === undefined || (session !== undefined && query.sessions.includes(session))
}

function isFound({at, column}: NonNullable<ReturnType<typeof wordsOf>>, {isTool, since}: Query): boolean {
  if (since && at < since.getTime()) return false
  return isTool ? column === 'tool' || column === 'result' : column !== 'result'
}
