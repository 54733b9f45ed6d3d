export interface ApiError {
  /** HTTP status, where it is told. */
  readonly status?: number
  /** For people. */
  readonly message: string
}

/**
 * Reads what gemini makes of an error of the API: `[API Error: …]` around a text
 * or the API's own JSON, whose message may be JSON again, and maybe a line of
 * advice that helps only in its own interface (`/auth`).
 */
export function readApiError(text: string): ApiError {
  const [, inner = text] = /^\[API Error: ([^]*)\](?:\n[^]*)?$/.exec(text) ?? []
  const error = parse(inner)
  if (!error) return {message: inner}
  const {code, message = '', status = ''} = error
  const deeper = readApiError(message)
  const number = typeof code === 'number' ? code : deeper.status
  return {
    ...(number === undefined ? {} : {status: number}),
    message:
      deeper.message === message ? [code, message || status].filter(Boolean).join(' ') : deeper.message,
  }
}

function parse(text: string): {code?: number; message?: string; status?: string} | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return (JSON.parse(text) as {error?: object}).error
  } catch {
    return undefined
  }
}
