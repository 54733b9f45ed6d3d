import {basename} from 'node:path'
import {LineTimes, type Parsed, parseLine} from 'clinvk-backend-sdk'
import type {Files} from 'clinvk-contract'
import {COUNTS} from './messages.js'

/** A line of claude's own file of a conversation (2.1.197), as far as clinvk reads it. */
const LINE = {
  type: '',
  uuid: '',
  timestamp: '',
  sessionId: '',
  cwd: '',
  requestId: '',
  // Said by a sub-agent; older versions wrote that in the same file.
  isSidechain: true,
  agentId: '',
  // Of `user` lines that are no prompts: written by claude in the user's name, or what a tool gave back.
  isMeta: true,
  isCompactSummary: true,
  toolUseResult: null,
  // Claude's own words instead of an answer, of the model `<synthetic>`.
  isApiErrorMessage: true,
  // In copied lines of a fork.
  forkedFrom: {sessionId: ''},
  // custom-title, ai-title, summary
  customTitle: '',
  aiTitle: '',
  summary: '',
  // Set below.
  at: '',
  id: '',
  time: 0,
  message: {
    id: '',
    model: '',
    stop_reason: '',
    // A text or blocks.
    content: null,
    usage: {...COUNTS, cache_creation: {ephemeral_1h_input_tokens: 0}},
  },
} as const

/** `time`: milliseconds since 1970, of this line or of the one before it; `at`: the same, ISO 8601; `id`: unique. */
export type RecordLine = Parsed<typeof LINE> & Required<Pick<Parsed<typeof LINE>, 'at' | 'id' | 'time'>>

/** The lines of a record that say something, in the order in which they stand; what is torn or no such line is left out. */
export async function* recordLines(path: string, files: Files): AsyncGenerator<RecordLine> {
  const times = new LineTimes()
  let number = 0
  for await (const text of files.lines(path)) {
    number++
    const line = USED.test(text) ? parseLine(text, LINE) : undefined
    if (!line || !TYPES.has(line.type)) continue
    const {uuid = `${basename(path, '.jsonl')}:${number}`} = line
    const {at, time} = times.read(line.timestamp)
    // Assigned one by one: a copy of each line would take a third of the time of all.
    line.at = at
    line.id = uuid
    line.time = time
    yield line as RecordLine
  }
}

const TYPES = new Set<string | undefined>(['user', 'assistant', 'custom-title', 'ai-title', 'summary'])
const USED = new RegExp(`"type":\\s*"(?:${[...TYPES].join('|')})"`)

/**
 * The lines of a conversation and of its sub-agents, which have files of their own: each in its order, merged by time.
 * Files of sub-agents are open only while their time lasts; there may be hundreds.
 */
export async function* mergedLines(
  [main, ...others]: readonly string[],
  files: Files,
): AsyncGenerator<{line: RecordLine; subAgent?: string}> {
  const waiting: {path: string; start: number}[] = []
  for (const path of others) {
    for await (const {time} of recordLines(path, files)) {
      waiting.push({path, start: time})
      break
    }
  }

  waiting.sort((a, b) => a.start - b.start)
  const open = new Set<SubAgent>()
  const until = async function* (end: number) {
    for (;;) {
      while (waiting[0] && waiting[0].start < end) {
        const {path} = waiting.shift()!
        await advance({name: subAgentOf(path), lines: recordLines(path, files)}, open)
      }

      let first: SubAgent | undefined
      for (const one of open) if (one.next!.time < (first?.next!.time ?? end)) first = one
      if (!first) return
      yield {line: first.next!, subAgent: first.name}
      await advance(first, open)
    }
  }

  try {
    if (main !== undefined) {
      for await (const line of recordLines(main, files)) {
        if (others.length > 0) yield* until(line.time)
        yield {line}
      }
    }

    yield* until(Infinity)
  } finally {
    for (const {lines} of open) await lines.return(undefined)
  }
}

interface SubAgent {
  readonly name: string
  readonly lines: AsyncGenerator<RecordLine>
  next?: RecordLine
}

async function advance(one: SubAgent, open: Set<SubAgent>): Promise<void> {
  const next = await one.lines.next()
  if (next.done) open.delete(one)
  else open.add(Object.assign(one, {next: next.value}))
}

/** `agent-a396e38d8101a22e3.jsonl`; the lines in it carry the id of the conversation that began it. */
function subAgentOf(path: string): string {
  return basename(path, '.jsonl').replace(/^agent-/, '')
}
