import {closeSync, openSync, readSync} from 'node:fs'

/** 128 random bits in hex. */
export function randomHex(): string {
  return bytes().toString('hex')
}

/** A random UUID (version 4). */
export function randomUuid(): string {
  const random = bytes()
  random[6] = (random[6]! & 0x0f) | 0x40
  random[8] = (random[8]! & 0x3f) | 0x80
  return random.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** From the system itself, where that has a file for it: Node takes longer to load its cryptography than to run a turn. */
function bytes(): Buffer {
  if (process.platform === 'win32') return process.getBuiltinModule('node:crypto').randomBytes(COUNT)
  const file = openSync('/dev/urandom', 'r')
  try {
    // Linux and macOS never give fewer than these few.
    const random = Buffer.alloc(COUNT)
    readSync(file, random)
    return random
  } finally {
    closeSync(file)
  }
}

const COUNT = 16
