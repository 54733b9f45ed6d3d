import * as Flags from '@oclif/core/flags'
import {Failure} from 'clinvk-kit/errors/failure'
import {positive} from 'clinvk-kit/flags'
import {findSession} from 'clinvk-plugin-sessions/lifecycle/place'
import {sessionArg, SessionCommand} from 'clinvk-plugin-sessions/lifecycle/session-command'
import type {TranscriptTurn} from '../../transcript/message.js'
import {lastOf, openConversation} from '../../view/open-conversation.js'
import {page} from '../../view/pager.js'

export default class SessionsLog extends SessionCommand {
  static override summary = 'Show what was said in a session, the last turn at the end.'
  static override description =
    "Also what was said in the agent's own program, and conversations that the agent had without clinvk. On a terminal through $PAGER."
  static override examples = [
    '<%= config.bin %> sessions log abc123',
    '<%= config.bin %> sessions log @last --last 1',
    '<%= config.bin %> sessions log abc123 --tools',
    '<%= config.bin %> sessions log abc123 --json | jq -r ".messages[].text"',
  ]

  static override args = {id: sessionArg}
  static completion = {args: {id: 'session'}}
  static override flags = {
    last: positive({description: 'Only the last turns.', helpValue: 'N'}),
    tools: Flags.boolean({description: 'Also what tools were given and what they gave back.'}),
    'output-format': Flags.option({
      char: 'o',
      description:
        'Output format:\ntext: for people\njson: one object\nstream-json: one object a line for each message',
      helpValue: 'FORMAT',
      options: ['text', 'json', 'stream-json'] as const,
    })(),
    json: Flags.boolean({description: 'The same as -o json.', exclusive: ['output-format']}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SessionsLog)
    const {env, stdout} = this.io
    const format = flags.json ? 'json' : flags['output-format']
    const session = await findSession(args.id, this.place, format !== 'json')
    const {about, backend, turns: all} = await openConversation(session, this.place)
    const turns = flags.last === undefined ? all : lastOf(all, flags.last)
    if (format === 'json' || format === 'stream-json') {
      const {jsonLines, jsonPieces} = await import('../../view/turns-json.js')
      return page(format === 'json' ? jsonPieces(about, turns) : jsonLines(turns), this.io)
    }

    const {turnText} = await import('../../view/turn-text.js')
    const isBold = stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
    const pieces = (turn: TranscriptTurn) => turnText(turn, {backend, hasTools: flags.tools, isBold})
    await page(texts(turns, pieces), this.io)
  }
}

/** Throws a Failure where there is no turn: a log of nothing looks like a conversation in which nothing was said. */
async function* texts(
  turns: AsyncIterable<TranscriptTurn>,
  textOf: (turn: TranscriptTurn) => string,
): AsyncGenerator<string> {
  let isEmpty = true
  for await (const turn of turns) {
    isEmpty = false
    yield textOf(turn)
  }

  if (isEmpty) throw new Failure('session', 'Nothing is kept of this conversation.', WHY)
}

const WHY = [
  'The agent has no record of it, and clinvk has written none down: see session.store_transcripts.',
]
