import {closeSync, openSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, resolve} from 'node:path'
import * as Flags from '@oclif/core/flags'
import {Failure, reasonOf} from 'clinvk-kit/errors/failure'
import {temporaryIn} from 'clinvk-kit/files/replace-file'
import {findSession} from 'clinvk-plugin-sessions/lifecycle/place'
import {sessionArg, SessionCommand} from 'clinvk-plugin-sessions/lifecycle/session-command'
import type {TranscriptTurn} from '../../transcript/message.js'
import {type OpenConversation, openConversation} from '../../view/open-conversation.js'
import {printPieces} from '../../view/pager.js'
import {redacted} from '../../view/redact.js'

const FORMATS = ['markdown', 'html', 'json'] as const

export default class SessionsExport extends SessionCommand {
  static override summary = 'Write a conversation to a file, to keep it or to show it to others.'
  static override description =
    'Keys, tokens and passwords of well-known forms are replaced by [redacted]. Look through it all the same before you publish it.'
  static override examples = [
    '<%= config.bin %> sessions export abc123 > abc123.md',
    '<%= config.bin %> sessions export abc123 --format html --tools -O abc123.html',
    '<%= config.bin %> sessions export abc123 --format json --no-redact > abc123.json',
  ]

  static override args = {id: sessionArg}
  static completion = {args: {id: 'session'}, flags: {output: 'file'}}
  static override flags = {
    format: Flags.option({
      description: 'markdown, html or json.',
      helpValue: 'FORMAT',
      options: FORMATS,
      default: 'markdown',
    })(),
    output: Flags.string({
      char: 'O',
      description: 'File to write, for you alone. Default: standard output.',
      helpValue: 'FILE',
    }),
    force: Flags.boolean({description: 'Replace the file if it exists.', dependsOn: ['output']}),
    tools: Flags.boolean({description: 'In Markdown, also what tools were given and what they gave back.'}),
    'no-redact': Flags.boolean({description: 'Keep what looks like a secret.'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SessionsExport)
    const opened = await openConversation(await findSession(args.id, this.place), this.place)
    const isMasked = !flags['no-redact']
    const conversation: OpenConversation = isMasked
      ? {...opened, title: redacted(opened.title), about: redacted(opened.about), turns: masked(opened.turns)}
      : opened
    const pieces = await piecesOf(flags.format, conversation, flags.tools)
    if (flags.output === undefined) return printPieces(pieces, this.io.stdout)
    await write(pieces, resolve(this.io.cwd, flags.output), flags.force)
    this.print(`Written: ${flags.output}\n`)
  }
}

async function* masked(turns: AsyncIterable<TranscriptTurn>): AsyncGenerator<TranscriptTurn> {
  for await (const turn of turns) yield redacted(turn)
}

async function piecesOf(
  format: (typeof FORMATS)[number],
  {about, backend, title, turns}: OpenConversation,
  hasTools: boolean,
): Promise<AsyncIterable<string>> {
  if (format === 'json') return (await import('../../view/turns-json.js')).jsonPieces(about, turns)
  if (format === 'html')
    return (await import('../../view/conversation-html.js')).htmlPieces(title, backend, turns)
  const {plain, turnText} = await import('../../view/turn-text.js')
  return (async function* () {
    yield `# ${plain(title)}\n\n`
    for await (const turn of turns) yield turnText(turn, {backend, hasTools})
  })()
}

/** Throws a Failure where a file is there, or cannot be written; half a file does not stay. */
async function write(pieces: AsyncIterable<string>, path: string, isForced: boolean): Promise<void> {
  const target = isForced ? temporaryIn(dirname(path)) : path
  const fail = (error: unknown) => {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST'
    const message = exists ? `${path} exists already.` : `${path} cannot be written: ${reasonOf(error)}`
    return new Failure('usage', message, exists ? ['Replace it: --force'] : [], {cause: error})
  }
  let file: number
  try {
    file = openSync(target, 'wx', 0o600)
  } catch (error) {
    throw fail(error)
  }

  try {
    for await (const piece of pieces) writeFileSync(file, piece)
    if (isForced) renameSync(target, path)
  } catch (error) {
    rmSync(target, {force: true})
    throw 'syscall' in (error as Error) ? fail(error) : error
  } finally {
    closeSync(file)
  }
}
