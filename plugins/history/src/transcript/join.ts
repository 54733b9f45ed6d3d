import type {TranscriptTurn} from './message.js'

/** A turn of one of the two sources. */
export interface Turn extends Omit<TranscriptTurn, 'number'> {
  readonly prompt?: string
}

/**
 * Joins the turns that clinvk ran with those that the agent has recorded; both come in the order in which they
 * happened. Ids of messages do not tell which turns are the same: what agents print has none, or other ones. Prompt,
 * time and order do. What was said in the agent's own program stands between, and nothing is given twice.
 */
export async function* join(
  own: AsyncIterable<Turn>,
  recorded: AsyncIterable<Turn>,
): AsyncGenerator<TranscriptTurn> {
  const ours = new Ahead(own)
  const theirs = new Ahead(recorded)
  for (let number = 1; ; number++) {
    const turn = await next(ours, theirs)
    if (!turn) return
    const {prompt: _prompt, ...shown} = turn
    for (const message of shown.messages) message.turn = number
    yield {number, ...shown}
  }
}

/** The turns of several transcripts by their times. */
export async function* inOrder(all: readonly AsyncIterable<Turn>[]): AsyncGenerator<Turn> {
  const sources = all.map((turns) => new Ahead(turns))
  for (;;) {
    let first: Ahead | undefined
    let time = Infinity
    for (const source of sources) {
      const turn = await source.at(0)
      if (turn && Date.parse(turn.startedAt) < time) [first, time] = [source, Date.parse(turn.startedAt)]
    }

    if (!first) return
    yield first.take()!
  }
}

async function next(ours: Ahead, theirs: Ahead): Promise<Turn | undefined> {
  const [run, record] = [await ours.at(0), await theirs.at(0)]
  if (!run) return theirs.take()
  if (!record) return ours.take()
  if (isSame(run, record, await ours.at(1))) {
    ours.take()
    theirs.take()
    return merged(run, record)
  }

  // Clocks may differ: what is the same further on outweighs the times.
  const isRunLater = await theirs.some((later) => isSame(run, later))
  const isRecordLater = await ours.some((later) => isSame(later, record))
  if (!isRunLater && !isRecordLater && isSaidTwice(run, record)) {
    ours.take()
    theirs.take()
    return merged(run, record)
  }

  const isOursFirst =
    isRunLater === isRecordLater ? Date.parse(run.startedAt) <= Date.parse(record.startedAt) : isRecordLater
  return isOursFirst ? ours.take() : theirs.take()
}

/** `next`: the turn that we ran after it, which may fit better. */
function isSame(run: Turn, record: Turn, next?: Turn): boolean {
  const isInside = isWithin(run, record, 0)
  if (!hasSamePrompt(run, record)) return isInside
  if (!isWithin(run, record, CLOCKS_DIFFER_MS)) return false
  return isInside || !next || !isWithin(next, record, 0) || !hasSamePrompt(next, record)
}

/** Where the clocks of two machines differ much, the same prompt and answer at about that time are one turn. */
function isSaidTwice(run: Turn, record: Turn): boolean {
  const isNear = isWithin(run, record, CLOCKS_DIFFER_MUCH_MS)
  return isNear && hasSamePrompt(run, record) && answerOf(run) !== '' && isWhole(run, record)
}

function isWithin(run: Turn, record: Turn, slackMs: number): boolean {
  const at = Date.parse(record.startedAt)
  return at >= Date.parse(run.startedAt) - slackMs && at <= Date.parse(run.endedAt) + slackMs
}

/** Agents add to a prompt, or cut it. */
function hasSamePrompt(run: Turn, record: Turn): boolean {
  const [a, b] = [run, record].map(({prompt = ''}) =>
    prompt.slice(0, COMPARED).replace(/\s+/g, ' ').trim(),
  ) as [string, string]
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  return short === long || (short.length >= TELLING && long.includes(short))
}

/** The record's messages where it holds the whole turn, else ours; what only we know comes with both. */
function merged(run: Turn, record: Turn): Turn {
  const {denials, error, model, outcome, startedAt, usage} = run
  const {calls} = record
  const messages = isWhole(run, record) ? record.messages : run.messages
  const endedAt = Date.parse(run.endedAt) >= Date.parse(record.endedAt) ? run.endedAt : record.endedAt
  return {
    messages,
    startedAt,
    endedAt,
    outcome,
    error,
    denials,
    calls,
    usage: calls.length > 0 ? undefined : usage,
    model,
  }
}

/** A record is cut short where the agent was killed: then it lacks the end of what the agent had printed. */
function isWhole(run: Turn, record: Turn): boolean {
  const printed = answerOf(run).slice(-COMPARED_END)
  return printed === '' ? record.messages.length >= run.messages.length : answerOf(record).includes(printed)
}

function answerOf({messages}: Turn): string {
  const texts = messages.map((message) =>
    message.type === 'text' && message.role === 'assistant' ? message.text : '',
  )
  return texts.join('').replace(/\s+/g, '')
}

/** The next turns of a source, before they are taken. */
class Ahead {
  readonly #turns: AsyncIterator<Turn, undefined>
  readonly #held: Turn[] = []

  constructor(turns: AsyncIterable<Turn>) {
    this.#turns = turns[Symbol.asyncIterator]() as AsyncIterator<Turn, undefined>
  }

  async at(index: number): Promise<Turn | undefined> {
    while (this.#held.length <= index) {
      const {value} = await this.#turns.next()
      if (!value) return undefined
      this.#held.push(value)
    }

    return this.#held[index]
  }

  async some(isWanted: (turn: Turn) => boolean): Promise<boolean> {
    for (let index = 1; index <= LOOKED_AHEAD; index++) {
      const turn = await this.at(index)
      if (!turn) return false
      if (isWanted(turn)) return true
    }

    return false
  }

  take(): Turn | undefined {
    return this.#held.shift()
  }
}

const LOOKED_AHEAD = 3
const CLOCKS_DIFFER_MS = 30_000
const CLOCKS_DIFFER_MUCH_MS = 600_000
/** Characters of a prompt. */
const COMPARED = 10_000
/** Characters of a prompt that do not stand in another one by chance. */
const TELLING = 20
/** Characters at the end of an answer, without blanks. */
const COMPARED_END = 200
