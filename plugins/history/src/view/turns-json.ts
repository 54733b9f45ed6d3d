import type {TranscriptTurn} from '../transcript/message.js'

/** A conversation as one JSON object, in pieces: so long as it may be, only one turn is in memory. */
export async function* jsonPieces(
  session: object,
  turns: AsyncIterable<TranscriptTurn>,
): AsyncGenerator<string> {
  const ends: string[] = []
  const head = JSON.stringify({version: 1, session, messages: []}, undefined, 2)
  yield head.slice(0, head.lastIndexOf(']'))
  let separator = '\n    '
  for await (const turn of turns) {
    for (const message of turn.messages) {
      yield separator + jsonOf(message)
      separator = ',\n    '
    }

    ends.push(jsonOf(aboutTurn(turn)))
  }

  yield `\n  ],\n  "turns": [${ends.map((end) => `\n    ${end}`).join(',')}\n  ]\n}\n`
}

/** The same, a message a line. */
export async function* jsonLines(turns: AsyncIterable<TranscriptTurn>): AsyncGenerator<string> {
  for await (const {messages} of turns) yield messages.map((message) => `${jsonOf(message)}\n`).join('')
}

export function aboutTurn(end: TranscriptTurn): Readonly<Record<string, unknown>> {
  const {denials, endedAt, error, number, outcome, startedAt, usage} = end
  return {turn: number, started_at: startedAt, ended_at: endedAt, outcome, error, denials, usage}
}

/** What an agent has recorded may be nested more deeply than JSON can be written. */
export function jsonOf(value: object): string {
  try {
    return JSON.stringify(value)
  } catch {
    return JSON.stringify({...value, input: null})
  }
}
