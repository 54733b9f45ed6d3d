import {Failure} from 'clinvk-kit/errors/failure'
import type {LogData, LogPart} from 'clinvk-kit/for-plugins/history'
import {type Caller, checkStopped} from '../sync/caller.js'
import type {Message} from '../transcript/message.js'
import type {OpenConversation} from './open-conversation.js'
import {aboutTurn, jsonOf} from './turns-json.js'

/** Some messages of a conversation as data, for a reader who pages through it. Throws a Failure. */
export async function logPart(
  {about, turns}: Pick<OpenConversation, 'about' | 'turns'>,
  part: LogPart,
  caller: Pick<Caller, 'stop'>,
): Promise<LogData> {
  check(part)
  const {from = 0, last, limit = DEFAULT_LIMIT, turn: firstTurn = 1} = part
  const held: Held[] = []
  let size = 0
  const drop = () => (size -= held.shift()!.size)
  /** Of the next message. */
  let place = 0
  let deadline = Infinity
  let isCounted = true
  for await (const turn of turns) {
    checkStopped(caller)
    const end = aboutTurn(turn)
    for (const message of turn.messages) {
      const isFull = held.length >= limit || size >= LARGEST_SIZE
      if (last !== undefined && isFull) drop()
      if (place >= from && turn.number >= firstTurn && (last !== undefined || !isFull)) {
        const added = {message, place, end, size: sizeOf(message)}
        size += added.size
        held.push(added)
      }

      place++
    }

    if (last !== undefined) {
      while (held[0] && held[0].message.turn <= turn.number - last) drop()
      continue
    }

    if (held.length < limit && size < LARGEST_SIZE) continue
    deadline = Math.min(deadline, performance.now() + LONGEST_COUNT_MS)
    isCounted = performance.now() < deadline
    if (!isCounted) break
  }

  const next = (held.at(-1)?.place ?? place) + 1
  return {
    session: about,
    messages: held.map(({message}) => JSON.parse(jsonOf(message)) as LogData['messages'][number]),
    turns: [...new Set(held.map(({end}) => end))],
    from: held[0]?.place ?? Math.min(from, place),
    next: next < place ? next : undefined,
    total: isCounted ? place : undefined,
  }
}

interface Held {
  readonly message: Message
  readonly place: number
  readonly end: LogData['turns'][number]
  readonly size: number
}

/** Characters, about. */
function sizeOf(message: Message): number {
  if ('text' in message) return message.text.length
  return 'output' in message ? message.output.length : jsonOf(message).length
}

function check({from, last, limit, turn}: LogPart): void {
  const fail = (message: string) => new Failure('usage', message)
  if ([from, last, turn].filter((start) => start !== undefined).length > 1)
    throw fail('Only one of from, turn and last can be given.')
  for (const [name, value] of Object.entries({from, last, limit, turn})) {
    const least = name === 'from' ? 0 : 1
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= least))
      throw fail(`${name} is a whole number from ${least} on, not ${value}.`)
  }
}

const DEFAULT_LIMIT = 1000
/** Characters of all messages that are given at once. */
const LARGEST_SIZE = 16 * 1024 * 1024
/** To count messages that are not returned. */
const LONGEST_COUNT_MS = 1000
