import {ioOf} from 'clinvk-kit/command'
import {Failure} from 'clinvk-kit/errors/failure'
import {realPathOf} from 'clinvk-kit/files/read-file'
import {type Caller, checkStopped} from '../sync/caller.js'
import {isSynced} from '../sync/places.js'
import {answer} from './answer.js'
import type {Hits, Query} from './query.js'

export interface SearchQuestion extends Pick<Query, 'backend' | 'isTool' | 'since'> {
  /** One word or several each. */
  readonly words: readonly string[]
  /** Absolute. */
  readonly directory?: string
  /** Only sessions with all of them. */
  readonly tags?: readonly string[]
  /** Messages; 0: all. Default: 20. */
  readonly limit?: number
}

/** What is found, and the words that were looked for. */
export interface Found extends Hits {
  readonly words: readonly string[]
}

/** Finds what was said in conversations; reads later, in a process of its own, what is new since. Throws a Failure. */
export async function searchHistory(
  {directory, limit = 20, tags, words: given, ...filter}: SearchQuestion,
  caller: Caller,
): Promise<Found> {
  const {config, note, stop: signal} = caller
  const {env} = ioOf(config)
  const words = wordsOf(given)
  const query: Query = {
    ...filter,
    words,
    directory: directory === undefined ? undefined : realPathOf(directory),
    sessions: tags && tags.length > 0 ? await sessionsWith(tags, caller) : undefined,
    limit: limit === 0 ? MANY : limit,
  }
  const unread = new Set<string>()
  const found = await answer(query, {
    env,
    signal,
    sync: async (options) => (await import('../sync/sync-now.js')).syncFor(caller, options),
    async scan(asked) {
      const {scan} = await import('./scan.js')
      const {backendsOf} = await import('clinvk-kit/backends/discover')
      const {backends} = await backendsOf(config)
      return scan(asked, {env, backends, notice: (message) => unread.add(message)}, signal)
    },
    note,
  })
  for (const sentence of unread) note(sentence)
  checkStopped(caller)
  if (!isSynced(env)) (await import('../sync/start-sync.js')).startSync(config.root, env)
  return {...found, words}
}

/** Ids of the sessions that have all these tags. */
async function sessionsWith(tags: readonly string[], {config}: Caller): Promise<string[]> {
  const {SessionStore} = await import('clinvk-plugin-sessions/store/store')
  const entries = [...new SessionStore(ioOf(config).env).entries()]
  return entries.filter((entry) => tags.every((tag) => entry.tags?.includes(tag))).map(({id}) => id)
}

/** Throws a Failure where one is empty. */
function wordsOf(given: readonly string[]): string[] {
  if (given.length > 0 && given.every((words) => words.trim() !== ''))
    return given.flatMap((words) => words.trim().split(/\s+/))
  throw new Failure('usage', 'A word to look for is empty.', ['Try: clinvk search "race in the lock"'])
}

/** More messages than there can be. */
const MANY = 2 ** 31 - 1
