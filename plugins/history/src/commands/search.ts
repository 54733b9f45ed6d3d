import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {Failure} from 'clinvk-kit/errors/failure'
import {hitsJson, hitsText} from '../search/hits-text.js'
import {searchHistory} from '../search/search-history.js'
import {userOf} from '../sync/caller.js'

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
    const {backend, here, interactive, json, limit, since, tag: tags, tool} = flags
    const {cwd, env, stderr, stdin, stdout} = this.io
    if (interactive && (!stdin.isTTY || !stderr.isTTY)) {
      const hint = 'Leave out --interactive: each hit has the command that resumes it.'
      throw new Failure('usage', 'Without a terminal no conversation can be chosen.', [hint])
    }

    const question = {
      words: argv as string[],
      backend,
      directory: here ? cwd : undefined,
      since: since === undefined ? undefined : await timeOf(since),
      tags,
      tool,
      limit,
    }
    const found = await searchHistory(question, userOf(this.config))
    const {words} = found
    if (json) this.printJson(hitsJson(found))
    else if (found.total === 0) {
      this.print('Nothing found.\n')
      await this.noteUnknownBackend(backend)
    } else if (interactive) await (await import('../search/choose-hit.js')).chooseHit(found.hits, this)
    else {
      if (found.isBeginning)
        this.note('No message has the words themselves; these have words that begin with them.')
      const isBold = stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
      this.print(hitsText(found, {words, isBold, now: this.io.now()}))
    }
  }
}

async function timeOf(since: string): Promise<Date> {
  const {parseTime} = await import('clinvk-kit/format/parse-age')
  return parseTime(since, '--since')
}
