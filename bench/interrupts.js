// What is called resumable resumes: ends a turn of each real agent at every instant, and resumes it.
// `npx tsx bench/interrupts.js [--agent codex] [--signal SIGKILL] [--from 0] [--until 3000] [--step 20]`, times in milliseconds.
// The agents: `node build/setup.js --agents`. All instants of all agents take some hours.
import {parseArgs} from 'node:util'
import {setTimeout as wait} from 'node:timers/promises'
import {AGENTS} from '../test/support/agents.ts'
import {startModelServer} from '../test/support/model-server/index.ts'

const {values} = parseArgs({
  options: {
    agent: {type: 'string', multiple: true, default: AGENTS.map(({name}) => name)},
    signal: {type: 'string', multiple: true, default: ['SIGINT', 'SIGTERM', 'SIGKILL']},
    from: {type: 'string', default: '0'},
    step: {type: 'string', default: '20'},
    until: {type: 'string', default: '3000'},
  },
})
const server = await startModelServer()
for (const agent of AGENTS.filter(({name}) => values.agent.includes(name))) {
  for (const signal of values.signal) {
    const ends = {}
    for (let delay = Number(values.from); delay <= Number(values.until); delay += Number(values.step)) {
      const end = await interrupt(agent, signal, delay)
      ends[end] = (ends[end] ?? 0) + 1
    }

    console.log(agent.name, signal, ends)
  }
}

await server.close()

/** How it went: `resumed`, `restarted`, `none` where nothing was promised, or `LOST`. */
async function interrupt(agent, signal, delay) {
  const user = agent.create(server.url)
  user.env.CLINVK_BACKEND = agent.name
  try {
    server.reset()
    server.when('tell', {text: 'Once upon a time there was', hang: 'stream'})
    const running = user.start(['tell me', ...agent.always])
    await wait(delay)
    running.child.kill(signal)
    const {stderr} = await running.finished
    // After SIGKILL the agent lives on.
    for (const pid of user.processes()) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended meanwhile.
      }
    }

    server.reset()
    const list = JSON.parse((await user.clinvk(['sessions', 'list', '--json'])).stdout)
    const [session] = list.sessions
    const isPromised = session?.resumable || stderr.includes('The session is kept')
    if (!isPromised) return 'none'
    const resumed = await user.clinvk(['resume', session.id, 'continue', ...agent.always])
    const isRestarted = resumed.stderr.includes('starts again with its first prompt')
    const isRight = resumed.code === 0 && /seen: .*\[tell me[^]*continue\]/.test(resumed.stdout)
    if (isRight) return isRestarted ? 'restarted' : 'resumed'
    process.exitCode = 1
    console.log(
      `${agent.name} ${signal} at ${delay} ms, exit ${resumed.code}: ${resumed.stdout}${resumed.stderr}`,
    )
    return 'LOST'
  } finally {
    user.remove()
  }
}
