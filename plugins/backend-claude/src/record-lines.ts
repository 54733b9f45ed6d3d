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
  subAgent: '',
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

/**
 * `time`: milliseconds since 1970, of this line or of the one before it; `at`: the same, ISO 8601; `id`: unique;
 * `subAgent`: the one that said it.
 */
export type RecordLine = Parsed<typeof LINE> & Required<Pick<Parsed<typeof LINE>, 'at' | 'id' | 'time'>>

/** The lines of a record that say something, in the order in which they stand; what is torn or no such line is left out. */
export async function* recordLines(path: string, files: Files): AsyncGenerator<RecordLine> {
  const times = new LineTimes()
  const name = basename(path, '.jsonl')
  // A sub-agent has a file of its own, `agent-a396e38d8101a22e3.jsonl`, whose lines carry the id of the conversation.
  const [, subAgent] = /^agent-(.*)/.exec(name) ?? []
  let number = 0
  for await (const text of files.lines(path)) {
    number++
    const line = USED.test(text) ? parseLine(text, LINE) : undefined
    if (!line || !TYPES.has(line.type)) continue
    const {agentId = 'sidechain', isSidechain, uuid = `${name}:${number}`} = line
    const {at, time} = times.read(line.timestamp)
    // Assigned one by one: a copy of each line would take a third of the time of all.
    line.at = at
    line.id = uuid
    line.subAgent = subAgent ?? (isSidechain ? agentId : undefined)
    line.time = time
    yield line as RecordLine
  }
}

const TYPES = new Set<string | undefined>(['user', 'assistant', 'custom-title', 'ai-title', 'summary'])
const USED = new RegExp(`"type":\\s*"(?:${[...TYPES].join('|')})"`)
