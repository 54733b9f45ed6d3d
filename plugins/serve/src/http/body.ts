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
  const text = await textOf(c.req.raw.body, largest)
  c.get('logBody')?.(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new ServerFailure('body', 'The body is not valid JSON.')
  }

  checkShape(value)
  return value
}

async function textOf(body: ReadableStream<Uint8Array> | null, largest: number): Promise<string> {
  if (!body) return ''
  const reader = body.getReader()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new ServerFailure('slow_body', `The body did not arrive within ${SLOWEST_MS / 1000} seconds.`),
        ),
      SLOWEST_MS,
    )
  })
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for (;;) {
      const {done, value} = await Promise.race([reader.read(), late])
      if (done) break
      length += value.byteLength
      if (length > largest) throw tooLarge(largest)
      chunks.push(value)
    }
    return new TextDecoder('utf-8', {fatal: true}).decode(Buffer.concat(chunks))
  } catch (error) {
    void reader.cancel().catch(() => undefined)
    if (error instanceof ServerFailure) throw error
    throw new ServerFailure('body', 'The body is not UTF-8, or ended too early.')
  } finally {
    clearTimeout(timer)
  }
}

/** Without recursion, which a deep body would exhaust. */
function checkShape(value: unknown): void {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) throw new ServerFailure('body', `The body is nested deeper than ${DEEPEST} levels.`)
    const below: unknown[] = []
    for (const one of level) {
      if (typeof one !== 'object' || one === null) continue
      if (Object.hasOwn(one, '__proto__')) throw new ServerFailure('body', 'The body has a field __proto__.')
      const values: unknown[] = Array.isArray(one) ? one : Object.values(one)
      if (values.length > LONGEST)
        throw new ServerFailure('body', `The body has a list of more than ${LONGEST} entries.`)
      for (const child of values) below.push(child)
    }
    level = below
  }
}

function tooLarge(largest: number): ServerFailure {
  return new ServerFailure('too_large', `The body is larger than ${largest} bytes.`, [
    'The limit: clinvk config set server.max_request_body_bytes BYTES',
  ])
}

const SLOWEST_MS = 30_000
const DEEPEST = 64
const LONGEST = 10_000
