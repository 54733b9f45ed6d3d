import {parseLine, type Shape} from 'clinvk-backend-sdk'

/** What `plan` tells the plugin (`opencode-plugin.ts`), in the variable CLINVK_OPENCODE. */
export interface PluginSettings {
  readonly maxTurns?: number
  readonly maxRetries?: number
  /** Variables that are clinvk's, as they were before; null when they were not set. */
  readonly restore?: Readonly<Record<string, string | null>>
}

/** What the plugin prints, a JSON object a line. */
export type Line =
  | {readonly type: 'clinvk.session'; readonly sessionID: string; readonly parentID?: string}
  /** A model begins to answer. */
  | {
      readonly type: 'clinvk.message'
      readonly sessionID: string
      readonly messageID: string
      readonly model: string
      /** Of the conversation, made by opencode to shorten it. */
      readonly isSummary: boolean
    }
  | {
      readonly type: 'clinvk.delta'
      readonly sessionID: string
      readonly partID: string
      readonly kind: 'text' | 'reasoning'
      readonly delta: string
    }
  | {readonly type: 'clinvk.part'; readonly sessionID: string; readonly part: Part}
  | {
      readonly type: 'clinvk.retry'
      readonly sessionID: string
      readonly attempt: number
      readonly message: string
      readonly delayMs: number
    }
  | {readonly type: 'clinvk.error'; readonly sessionID: string; readonly error?: unknown}
  /** A sub-agent has asked for something. */
  | {
      readonly type: 'clinvk.asked'
      readonly sessionID: string
      readonly permission: string
      readonly patterns: readonly string[]
    }
  /** The provider of the model is not signed in. */
  | {readonly type: 'clinvk.disconnected'; readonly provider: string}
  | {readonly type: 'clinvk.idle'; readonly sessionID: string}

/** What `opencode run --format json` 1.18 prints itself, as far as clinvk reads it. */
export interface Message {
  readonly type?: string
  readonly sessionID?: string
  readonly part?: Part
  readonly error?: ErrorOfOpencode
}

export interface ErrorOfOpencode {
  readonly name?: string
  readonly data?: {readonly message?: string; readonly statusCode?: number; readonly providerID?: string}
}

/** A part of a message: a text, a use of a tool, the end of a model call. */
export interface Part {
  readonly id: string
  readonly messageID: string
  readonly type: string
  // text, reasoning
  readonly text?: string
  readonly time?: {readonly end?: number}
  // tool
  readonly tool?: string
  readonly callID?: string
  readonly state?: ToolState
  // step-finish
  readonly reason?: string
  readonly tokens?: Tokens
}

export interface ToolState {
  readonly status?: string
  readonly input?: Readonly<Record<string, unknown>>
  readonly output?: string
  readonly error?: string
}

/** Of one model call; cached and reasoning tokens are not in the others. */
export interface Tokens {
  readonly input?: number
  readonly output?: number
  readonly reasoning?: number
  readonly cache?: {readonly read?: number; readonly write?: number}
}

/** What a line says; undefined for one that is no message, or lacks what such a message has. */
export function readLine(line: string): Line | Message | undefined {
  const message = parseLine(line, SHAPE) as Message | undefined
  return message && isWhole(message) ? message : undefined
}

/** Whether the plugin has printed it, and not opencode itself. */
export function isFromPlugin(message: Line | Message): message is Line {
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
