/** What `plan` tells the plugin inside of opencode, in the variable CLINVK_OPENCODE. */
export interface Inside {
  readonly maxTurns?: number
  readonly maxRetries?: number
  /** Variables that are clinvk's, as they were before; null when they were not set. */
  readonly restore?: Readonly<Record<string, string | null>>
}

/** What the plugin inside of opencode prints, a JSON object a line. */
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
