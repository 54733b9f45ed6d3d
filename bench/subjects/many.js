import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {hrtime} from 'node:process'

const TASKS = 200
const AT_ONCE = [1, 4, 16]

/** Two hundred tasks of the echo backend, each a session, against its agent started as often with nothing around it. */
export default AT_ONCE.map((atOnce) => ({
  name: `many-${atOnce}`,
  rounds: 3,
  rows: [
    {title: `clinvk parallel, ${TASKS} tasks, ${atOnce} at once, against the bare agent`, unit: ''},
    {title: '  overhead of a task', unit: 'ms'},
  ],
  prepare(place) {
    const tasks = Array.from({length: TASKS}, (_, index) => ({prompt: `prompt ${index + 1}`}))
    writeFileSync(join(place.home, 'tasks.json'), JSON.stringify(tasks))
    const words = ['parallel', '--json', '-b', 'echo', '--max-parallel', String(atOnce), '-f', 'tasks.json']
    return async () => {
      const base = await bare(place, tasks, atOnce)
      const {ms, stdout} = place.clinvk(words)
      const {completed} = JSON.parse(stdout)
      if (completed !== TASKS) throw new Error(`only ${completed} tasks were done`)
      return [{ms, base}, (ms - base) / TASKS]
    }
  },
}))

/** Milliseconds for as many runs of the agent itself, so many at once. */
async function bare(place, tasks, atOnce) {
  const agent = join(dirname(place.program), '../plugins/backend-echo/agent/echo.js')
  const options = {cwd: place.home, env: place.env(), stdio: ['pipe', 'pipe', 'inherit']}
  const queue = tasks.values()
  const started = hrtime.bigint()
  const work = async () => {
    for (const {prompt} of queue) {
      const child = spawn(place.node, [agent], options)
      child.stdin.end(prompt)
      child.stdout.resume()
      const [code] = await once(child, 'close')
      if (code !== 0) throw new Error(`the agent ended with ${code}`)
    }
  }

  await Promise.all(Array.from({length: atOnce}, work))
  return Number(hrtime.bigint() - started) / 1e6
}
