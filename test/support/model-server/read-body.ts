import type {IncomingMessage} from 'node:http'
import {promisify} from 'node:util'
import zlib from 'node:zlib'

/** The request's JSON body, unpacked; undefined when there is none. Throws when it is not JSON. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const packed = Buffer.concat(chunks)
  if (packed.length === 0) return undefined
  const unpack = unpackers[request.headers['content-encoding'] ?? 'identity']
  if (!unpack) throw new Error(`unknown content-encoding ${request.headers['content-encoding'] ?? ''}`)
  return JSON.parse((await unpack(packed)).toString('utf8'))
}

type Unpack = (packed: Buffer) => Promise<Buffer>

// Node's zlib has zstd from 22.15 on.
const {zstdDecompress} = zlib as {zstdDecompress?: typeof zlib.gunzip}

const unpackers: Record<string, Unpack | undefined> = {
  identity: (packed) => Promise.resolve(packed),
  gzip: promisify<Buffer, Buffer>(zlib.gunzip),
  deflate: promisify<Buffer, Buffer>(zlib.inflate),
  br: promisify<Buffer, Buffer>(zlib.brotliDecompress),
  zstd: zstdDecompress && promisify<Buffer, Buffer>(zstdDecompress),
}
