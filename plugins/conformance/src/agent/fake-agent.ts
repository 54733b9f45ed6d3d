/**
 * Stands in for an agent: prints a transcript, damaged as its script says. A
 * program of its own, started by clinvk like the real one:
 *
 *     node fake-agent.js SCRIPT [arguments of the plan]
 */
import {spawn} from 'node:child_process'
import {createHash} from 'node:crypto'
import {once} from 'node:events'
import {readFileSync, writeFileSync} from 'node:fs'
import {setTimeout as wait} from 'node:timers/promises'
import type {AgentScript} from './script.js'

const [, , scriptPath, ...args] = process.argv
const script = JSON.parse(readFileSync(scriptPath!, 'utf8')) as AgentScript

// Whatever happens to those who started it, it does not stay for ever.
setTimeout(() => process.exit(99), longestLife()).unref()
if (script.ignoreSignals)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
if (script.reads) await readInput()

await print(process.stderr, Buffer.from(script.stderr, 'base64'))
// First: after its last word an agent has little time.
if (script.hugeLine !== undefined) await printHugeLine(script.hugeLine)
const output = Buffer.from(script.stdout, 'base64')
const pieces = script.pieces ? cut(output, script.pieces) : [output]
for (const piece of pieces) {
  await print(process.stdout, piece)
  // A moment between two pieces, so that they are read apart.
  if (pieces.length > 1) await wait(1)
}

if (script.child) leaveChild(script.child)
if (script.hangs) await wait(longestLife())
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))),
)
if (script.exit.signal === undefined) process.exit(script.exit.code ?? 0)
process.kill(process.pid, script.exit.signal)
await wait(longestLife())

/** Takes all of standard input and the arguments, and tells their digest to the one who asks. */
async function readInput(): Promise<void> {
  const hash = createHash('sha256')
  for await (const chunk of process.stdin) hash.update(chunk as Buffer)
  if (script.tellInput !== undefined)
    writeFileSync(
      script.tellInput,
      JSON.stringify({
        stdin: hash.digest('hex'),
        args: createHash('sha256').update(JSON.stringify(args)).digest('hex'),
      }),
    )
}

/** Pieces of so many bytes, which end within lines and within characters. */
function cut(bytes: Buffer, size: number): Buffer[] {
  const count = Math.max(1, Math.ceil(bytes.length / size))
  return Array.from({length: count}, (_none, index) => bytes.subarray(index * size, (index + 1) * size))
}

async function printHugeLine(bytes: number): Promise<void> {
  const piece = Buffer.alloc(1024 * 1024, 'a')
  await print(process.stdout, Buffer.from('{"type":"clinvk.conformance.unknown","text":"'))
  for (let left = bytes; left > 0; left -= piece.length) await print(process.stdout, piece.subarray(0, left))
  await print(process.stdout, Buffer.from('"}\n'))
}

/** A process that goes on when the agent has ended, and holds its output open. */
function leaveChild(says: string): void {
  const code = 'process.stdout.write(process.argv[1]); setTimeout(() => {}, 20_000)'
  spawn(process.execPath, ['-e', code, says], {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  }).unref()
}

async function print(stream: NodeJS.WriteStream, bytes: Buffer): Promise<void> {
  if (bytes.length > 0 && !stream.write(bytes)) await once(stream, 'drain')
}

function longestLife(): number {
  return 60_000
}
