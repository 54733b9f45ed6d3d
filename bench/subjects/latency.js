import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {hrtime} from 'node:process'
import {fakeClaude, line} from '../fake-claude.js'
import {quartiles} from '../quartiles.js'

const MODES = {text: [], raw: ['--raw'], 'stream-json': ['-o', 'stream-json']}
const LINES = 1000

/** How much later a line comes out of clinvk than out of its agent: a line each 2 ms, with the time in it. */
export default {
  name: 'latency',
  rounds: 3,
  rows: Object.keys(MODES).map((mode) => ({
    title: `added latency of a line, ${mode}`,
    unit: 'ms',
    most: 0.15,
  })),
  prepare(place) {
    fakeClaude(place.home, SCRIPT, '/usr/bin/env node')
    return async () => {
      const alone = await latency(place, 'claude', [])
      const values = []
      for (const words of Object.values(MODES))
        values.push((await latency(place, ...place.command([...words, 'x']))) - alone)
      return values
    }
  },
}

async function latency(place, file, args) {
  const times = []
  const child = spawn(file, args, {cwd: place.home, env: place.env(), stdio: ['ignore', 'pipe', 'inherit']})
  child.stdout.on('data', (chunk) => {
    const now = hrtime.bigint()
    for (const [, sent] of chunk.toString('latin1').matchAll(/at (\d+)\./g))
      times.push(Number(now - BigInt(sent)) / 1e6)
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${file} ended with ${code}`)
  if (times.length < LINES * 0.99) throw new Error(`${times.length} of ${LINES} lines arrived`)
  // What comes after them is the whole answer, once more.
  return quartiles(times.slice(0, LINES)).median
}

const SCRIPT = `
const text = ${JSON.stringify(line.text('at TIME.\n'))}
let left = ${LINES}
process.stdout.write(${JSON.stringify(line.begin)})
const timer = setInterval(() => {
  process.stdout.write(text.replace('TIME', process.hrtime.bigint()))
  if (--left > 0) return
  clearInterval(timer)
  process.stdout.write(${JSON.stringify(line.end)})
}, 2)`
