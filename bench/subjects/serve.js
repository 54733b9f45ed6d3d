import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {request} from 'node:http'
import {join} from 'node:path'
import {hrtime} from 'node:process'
import {createInterface} from 'node:readline'
import {ANSWER, fakeClaude} from '../fake-claude.js'
import {linkServe} from '../fill-plugins.js'

const TOKEN = 'a-token-that-is-only-for-the-benchmark-0123456789'
const STREAMS = 1000

/** What `clinvk serve` costs over the command line. */
export default {
  name: 'serve',
  rounds: 7,
  rows: [
    {title: 'a turn through clinvk serve, until its agent runs, against clinvk "x"', unit: '', most: 1},
    {title: 'an echo turn through clinvk serve, against clinvk -b echo "x"', unit: '', most: 1},
    {title: `peak memory of clinvk serve with ${STREAMS} streams that wait`, unit: 'MiB', most: 150},
  ],
  prepare(place) {
    const idle = place.with('idle')
    for (const one of [place, idle]) linkServe(one)
    fakeClaude(place.home, `kill -USR2 ${process.pid}\n${ANSWER}`)
    fakeClaude(idle.home, 'sleep 600')
    mkdirSync(join(idle.home, '.clinvk'))
    writeFileSync(
      join(idle.home, '.clinvk/config.yaml'),
      `server:\n  max_turns: 1\n  max_waiting: ${STREAMS}\n`,
    )
    return async () => {
      const server = await startServer(place)
      // The first turn loads the backend.
      await untilAgent(() => server.turn({prompt: 'x', backend: 'claude'}))
      const commandStarts = await untilAgent(() => once(startCommand(place, ['x']), 'exit'))
      const serverStarts = await untilAgent(() => server.turn({prompt: 'x', backend: 'claude'}))
      const echoCommand = await timeOf(() => once(startCommand(place, ['-b', 'echo', 'x']), 'exit'))
      const echoServer = await timeOf(() => server.turn({prompt: 'x', backend: 'echo'}))
      await server.stop()
      return [serverStarts / commandStarts, echoServer / echoCommand, await memoryOf(idle)]
    }
  },
}

async function memoryOf(place) {
  const server = await startServer(place)
  for (let open = 0; open < STREAMS; open += 50)
    await Promise.all(Array.from({length: 50}, () => server.stream({prompt: 'x', backend: 'claude'})))
  const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))
  await server.stop()
  return Number(kib) / 1024
}

async function startServer(place) {
  const [file, args] = place.command(['serve', '--port', '0', '--grace', '1s'])
  const env = {...place.env(), CLINVK_SERVE_TOKEN: TOKEN}
  const child = spawn(file, args, {cwd: place.home, env, stdio: ['ignore', 'pipe', 'ignore']})
  const lines = createInterface({input: child.stdout})
  const [first] = await once(lines, 'line')
  const {port} = new URL(/http:\S+/.exec(first)[0])
  const post = (body) =>
    new Promise((resolve, reject) => {
      const headers = {authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json'}
      const path = '/api/v1/prompt'
      const call = request({host: '127.0.0.1', port, path, method: 'POST', headers, agent: false}, resolve)
      call.on('error', reject)
      call.end(JSON.stringify(body))
    })
  return {
    pid: child.pid,
    async turn(body) {
      const response = await post(body)
      const text = (await response.toArray()).join('')
      if (response.statusCode !== 200) throw new Error(`${response.statusCode}: ${text}`)
    },
    /** Resolves when the stream is open; nothing more is read. */
    async stream(body) {
      const response = await post({...body, stream: true})
      if (response.statusCode !== 200) throw new Error(String(response.statusCode))
      response.on('error', () => undefined).resume()
    },
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      child.kill('SIGTERM')
      await ended
    },
  }
}

function startCommand(place, words) {
  const [file, args] = place.command(words)
  return spawn(file, args, {cwd: place.home, env: place.env(), stdio: 'ignore'})
}

/** Milliseconds until the agent, whose first act is a signal, runs; waits for the end of the turn. */
async function untilAgent(turn) {
  const running = once(process, 'SIGUSR2').then(() => hrtime.bigint())
  const started = hrtime.bigint()
  await turn()
  return Number((await running) - started) / 1e6
}

async function timeOf(work) {
  const started = hrtime.bigint()
  await work()
  return Number(hrtime.bigint() - started) / 1e6
}
