/**
 * Stands in for an agent: prints a fixture and misbehaves as its script says.
 *
 *     node fake-agent.js SCRIPT [arguments of the plan]
 */
import {spawn} from 'node:child_process'
import {createHash} from 'node:crypto'
import {once} from 'node:events'
import {readFileSync, writeFileSync} from 'node:fs'
import {setTimeout as wait} from 'node:timers/promises'

export interface AgentScript {
  /** Base64. */
  readonly stdout: string
  readonly stderr: string
  /** Prints in pieces of so many bytes, which end within lines and within characters. */
  readonly pieces?: number
  /** Prints an unknown line of so many bytes first. */
  readonly hugeLine?: number
  /** Whether it first reads its standard input to the end. */
  readonly reads: boolean
  /** Where it writes a digest of its input. */
  readonly inputFile: string
  /** What a process prints that it leaves running. */
  readonly child?: string
  /** Does not end by itself. */
  readonly hangs?: boolean
  readonly ignoreSignals?: boolean
  readonly exit: {readonly code?: number; readonly signal?: string}
}

const LIFETIME_MS = 60_000
const script = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as AgentScript
// It ends even when the process that started it was killed.
setTimeout(() => process.exit(99), LIFETIME_MS).unref()
if (script.ignoreSignals)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
if (script.reads) {
  const hash = createHash('sha256')
  for await (const chunk of process.stdin) hash.update(chunk as Buffer)
  writeFileSync(script.inputFile, hash.digest('hex'))
}

await print(process.stderr, Buffer.from(script.stderr, 'base64'))
// Before the rest, since after its last line an agent has little time.
if (script.hugeLine !== undefined) await printHugeLine(script.hugeLine)
const output = Buffer.from(script.stdout, 'base64')
const {pieces = Math.max(1, output.length)} = script
for (let at = 0; at < output.length; at += pieces) {
  await print(process.stdout, output.subarray(at, at + pieces))
  // A pause, so that each piece is read by itself.
  if (script.pieces) await wait(1)
}

if (script.child) leaveChild(script.child)
if (script.hangs) await wait(LIFETIME_MS)
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))),
)
if (script.exit.signal === undefined) process.exit(script.exit.code ?? 0)
process.kill(process.pid, script.exit.signal)
await wait(LIFETIME_MS)

async function printHugeLine(bytes: number): Promise<void> {
  const piece = Buffer.alloc(1024 * 1024, 'a')
  await print(process.stdout, Buffer.from('{"type":"clinvk.conformance.unknown","text":"'))
  for (let left = bytes; left > 0; left -= piece.length) await print(process.stdout, piece.subarray(0, left))
  await print(process.stdout, Buffer.from('"}\n'))
}

/** A process that still runs, and holds the output open, when the agent has ended. */
function leaveChild(text: string): void {
  const code = 'process.stdout.write(process.argv[1]); setTimeout(() => {}, 20_000)'
  const stdio = ['ignore', 'inherit', 'inherit'] as const
  spawn(process.execPath, ['-e', code, text], {stdio: [...stdio], detached: true}).unref()
}

async function print(stream: NodeJS.WriteStream, bytes: Buffer): Promise<void> {
  if (bytes.length > 0 && !stream.write(bytes)) await once(stream, 'drain')
}
