import {realpathSync} from 'node:fs'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {Failure} from 'clinvk-kit/errors/failure'
import {answer} from '../search/answer.js'
import {hitsJson, hitsText} from '../search/hits-text.js'
import type {Discovered} from 'clinvk-kit/backends/discover'
import type {Hits, Query} from '../search/query.js'
import {isSynced} from '../sync/places.js'
import type {SyncOptions, SyncResult} from '../sync/sync.js'

export default class Search extends ClinvkCommand {
  static override summary =
    'Find what was said in conversations, also in those that agents had without clinvk.'
  static override description =
    'A message is found that has all words; what has them beside each other comes first. An id finds its conversation, and so do a name and a title that were given.'
  static override examples = [
    '<%= config.bin %> search race in the lock',
    '<%= config.bin %> search --here --since 30d migration',
    '<%= config.bin %> search --tool "git push"',
    '<%= config.bin %> search --interactive auth',
    '<%= config.bin %> search auth --json | jq -r ".hits[].session_id"',
  ]

  static override usage = 'search WORDS... [FLAGS]'
  static override strict = false
  static override args = {
    words: Args.string({description: 'One word or several.', ignoreStdin: true, required: true}),
  }

  static completion = {flags: {backend: 'backend', tag: 'tag'}}
  static override flags = {
    backend: Flags.string({char: 'b', description: 'Only conversations of this backend.', helpValue: 'NAME'}),
    here: Flags.boolean({description: 'Only conversations of the current directory.'}),
    tag: Flags.string({
      description: 'Only sessions with this tag. Repeatable: with all of them.',
      helpValue: 'TAG',
      multiple: true,
      multipleNonGreedy: true,
    }),
    since: Flags.string({
      description: 'Only what was said since then: an age (7d, 12h) or a date.',
      helpValue: 'TIME',
    }),
    tool: Flags.boolean({
      description: 'Only what tools were asked and answered, such as the commands of an agent.',
    }),
    limit: Flags.integer({
      char: 'n',
      description: 'Maximum number of messages; 0 means all. Default: 20.',
      min: 0,
      helpValue: 'N',
    }),
    interactive: Flags.boolean({char: 'i', description: 'Choose a conversation, to read or resume it.'}),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(Search)
    const {backend, here, interactive, json, limit = 20, since, tag: tags, tool: isTool} = flags
    const {env, stderr, stdin, stdout} = this.io
    const words = wordsOf(argv as string[])
    if (interactive && (!stdin.isTTY || !stderr.isTTY)) {
      const hint = 'Leave out --interactive: each hit has the command that resumes it.'
      throw new Failure('usage', 'Without a terminal no conversation can be chosen.', [hint])
    }

    const query: Query = {
      words,
      backend,
      directory: here ? realpathSync(this.io.cwd) : undefined,
      since: since === undefined ? undefined : await timeOf(since),
      sessions: tags && (await this.#sessionsWith(tags)),
      isTool,
      limit: limit === 0 ? MANY : limit,
    }
    const found = await this.#answer(query)
    if (json) this.printJson(hitsJson(found, words))
    else if (found.total === 0) this.print('Nothing found.\n')
    else if (interactive) await (await import('../search/choose-hit.js')).chooseHit(found.hits, this)
    else {
      if (found.isBeginning) this.note('nothing has the words themselves; these words begin like them.')
      const isBold = stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
      this.print(hitsText(found, {words, isBold, now: this.io.now()}))
    }

    if (!isSynced(env)) (await import('../sync/start-sync.js')).startSync(this.config.root, env)
  }

  async #answer(query: Query): Promise<Hits> {
    const {env} = this.io
    const {stop: signal} = this.io.interrupts()
    const unread = new Set<string>()
    const found = await answer(query, {
      env,
      signal,
      sync: (options) => this.#sync(options),
      scan: async (given) =>
        (await import('../search/scan.js')).scan(
          given,
          {env, backends: await this.#backends(), notice: (message) => unread.add(message)},
          signal,
        ),
      note: (message) => this.note(message),
    })
    for (const sentence of unread) this.note(sentence)
    if (signal.aborted) throw new Failure('cancelled', 'Interrupted. What was read until then is kept.')
    return found
  }

  async #sync(options: SyncOptions): Promise<SyncResult> {
    const {syncHistory} = await import('../sync/sync.js')
    const {syncContext} = await import('../sync/context.js')
    const {progressLine} = await import('../sync/progress.js')
    const line = progressLine(this.io.stderr)
    try {
      return await syncHistory(await syncContext(this.config), {...options, onProgress: line.show})
    } finally {
      line.clear()
    }
  }

  async #backends(): Promise<Discovered['backends']> {
    const {backendsOf} = await import('clinvk-kit/backends/discover')
    return (await backendsOf(this.config)).backends
  }

  /** Ids of the sessions that have all these tags. */
  async #sessionsWith(tags: readonly string[]): Promise<string[]> {
    const {SessionStore} = await import('clinvk-plugin-sessions/store/store')
    const entries = [...new SessionStore(this.io.env).entries()]
    return entries.filter((entry) => tags.every((tag) => entry.tags?.includes(tag))).map(({id}) => id)
  }
}

async function timeOf(since: string): Promise<Date> {
  const {parseTime} = await import('clinvk-kit/format/parse-age')
  return parseTime(since, '--since')
}

/** The words of all arguments. Throws a Failure where one is empty. */
function wordsOf(argv: readonly string[]): string[] {
  if (argv.every((words) => words.trim() !== '')) return argv.flatMap((words) => words.trim().split(/\s+/))
  throw new Failure('usage', 'A word to look for is empty.', ['Try: clinvk search "race in the lock"'])
}

/** More messages than there can be. */
const MANY = 2 ** 31 - 1
