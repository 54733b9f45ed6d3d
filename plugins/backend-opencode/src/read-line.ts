import {fitting, type Shape} from './fitting.js'
import type {Line, Message} from './lines.js'

/** What a line says; undefined for one that is no message, or lacks what such a message has. */
export function readLine(line: string): Line | Message | undefined {
  try {
    const message = fitting(JSON.parse(line), SHAPE) as Message | undefined
    return message && isWhole(message) ? message : undefined
  } catch {
    return undefined
  }
}

/** Whether it is a line of the plugin inside of opencode. */
export function isInside(message: Line | Message): message is Line {
  return message.type?.startsWith('clinvk.') ?? false
}

function isWhole(message: Message): boolean {
  const {part, type = ''} = message
  return has(message, FIELDS[type] ?? []) && (part === undefined || has(part, PART))
}

function has(value: object, names: readonly string[]): boolean {
  return names.every((name) => Object.hasOwn(value, name))
}

/** What the lines of the plugin have without which they mean nothing. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  'clinvk.session': ['sessionID'],
  'clinvk.message': ['sessionID', 'messageID', 'model'],
  'clinvk.delta': ['sessionID', 'partID', 'kind', 'delta'],
  'clinvk.part': ['sessionID', 'part'],
  'clinvk.retry': ['sessionID', 'attempt', 'message', 'delayMs'],
  'clinvk.error': ['sessionID', 'error'],
  'clinvk.asked': ['sessionID', 'permission', 'patterns'],
  'clinvk.disconnected': ['provider'],
  'clinvk.idle': ['sessionID'],
}
const PART = ['id', 'messageID', 'type']
const SHAPE: Shape = {
  type: '',
  sessionID: '',
  parentID: '',
  messageID: '',
  partID: '',
  model: '',
  kind: '',
  delta: '',
  message: '',
  permission: '',
  provider: '',
  isSummary: true,
  attempt: 0,
  delayMs: 0,
  patterns: [''],
  error: {name: '', data: {message: '', statusCode: 0, providerID: ''}},
  part: {
    id: '',
    messageID: '',
    type: '',
    text: '',
    time: {end: 0},
    tool: '',
    callID: '',
    reason: '',
    state: {status: '', input: {}, output: '', error: ''},
    tokens: {input: 0, output: 0, reasoning: 0, cache: {read: 0, write: 0}},
  },
}
