import type {Context} from 'hono'
import {ServerFailure} from '../core/errors.js'
import type {ServeEnv} from './door.js'

/**
 * The JSON body of a request. Throws a ServerFailure: another type than `application/json` (which no page of another
 * site can send without asking first), more than `largest` bytes, too slow, no JSON, or nested too deep.
 */
export async function readJson(c: Context<ServeEnv>, largest: number): Promise<unknown> {
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/json\s*(?:;|$)/i.test(type))
    throw new ServerFailure('media_type', 'The body must be JSON: Content-Type: application/json')
  if (Number(c.req.header('content-length') ?? 0) > largest) throw tooLarge(largest)
  const {body} = c.req.raw
  const bytes = body ? await bytesOf(body, largest) : Buffer.alloc(0)
  let value: unknown
  try {
    const text = new TextDecoder('utf-8', {fatal: true}).decode(bytes)
    c.get('logBody')?.(text)
    value = JSON.parse(text)
  } catch {
    throw new ServerFailure('body', 'The body is not valid JSON in UTF-8.')
  }

  checkShape(value)
  return value
}

async function bytesOf(body: ReadableStream<Uint8Array>, largest: number): Promise<Buffer> {
  const reader = body.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  let isLate = false as boolean
  const timer = setTimeout(() => {
    isLate = true
    void reader.cancel()
  }, SLOWEST_MS)
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      length += part.value.byteLength
      if (length > largest) throw tooLarge(largest)
      chunks.push(part.value)
    }
  } catch (error) {
    throw error instanceof ServerFailure ? error : new ServerFailure('body', 'The body ended too early.')
  } finally {
    clearTimeout(timer)
  }
  if (!isLate) return Buffer.concat(chunks)
  throw new ServerFailure('slow_body', `The body did not arrive within ${SLOWEST_MS / 1000} seconds.`)
}

/** What would be too much for those who read it. */
function checkShape(value: unknown, depth = 0): void {
  if (depth > DEEPEST) throw new ServerFailure('body', `The body is nested deeper than ${DEEPEST} levels.`)
  if (typeof value !== 'object' || value === null) return
  if (Object.hasOwn(value, '__proto__')) throw new ServerFailure('body', 'The body has a field __proto__.')
  const values: unknown[] = Object.values(value)
  if (values.length > LONGEST)
    throw new ServerFailure('body', `The body has a list of more than ${LONGEST} entries.`)
  for (const one of values) checkShape(one, depth + 1)
}

function tooLarge(largest: number): ServerFailure {
  return new ServerFailure('too_large', `The body is larger than ${largest} bytes.`, [
    'The limit: clinvk config set server.max_request_body_bytes BYTES',
  ])
}

const SLOWEST_MS = 30_000
const DEEPEST = 64
const LONGEST = 10_000
