import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {hrtime} from 'node:process'
import {ANSWER, fakeClaude} from '../fake-claude.js'

/** From the start of clinvk until its agent runs: the agent's first act is a signal. That it is a shell costs about 1 ms. */
export default {
  name: 'agent-start',
  rows: [{title: 'clinvk "x", until the agent runs', unit: 'x', most: {20: 2.9, 24: 2.4}}],
  prepare(place) {
    fakeClaude(place.home, `kill -USR2 ${process.pid}\n${ANSWER}`)
    return async () => {
      const {ms: base} = place.nothing()
      return [{base, ms: await untilAgent(place)}]
    }
  },
}

async function untilAgent(place) {
  const running = once(process, 'SIGUSR2').then(() => hrtime.bigint())
  const [file, args] = place.command(['x'])
  const started = hrtime.bigint()
  const child = spawn(file, args, {cwd: place.home, env: place.env(), stdio: ['ignore', 'ignore', 'inherit']})
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`clinvk ended with ${code}`)
  return Number((await running) - started) / 1e6
}
