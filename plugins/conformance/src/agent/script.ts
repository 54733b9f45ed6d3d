/** What the fake agent does, as its script file says. */
export interface AgentScript {
  /** Base64. */
  readonly stdout: string
  readonly stderr: string
  /** Prints in pieces of so many bytes. */
  readonly pieces?: number
  /** Bytes of a line after the rest. */
  readonly hugeLine?: number
  /** Whether it reads its standard input to the end first. */
  readonly reads: boolean
  /** Where it writes digests of what it was given. */
  readonly tellInput?: string
  /** What a process prints that it leaves behind. */
  readonly child?: string
  /** Does not end by itself. */
  readonly hangs?: boolean
  readonly ignoreSignals?: boolean
  readonly exit: {readonly code?: number; readonly signal?: string}
}
