// A run loses nothing, whenever it is killed: kills a run of 20 tasks with SIGKILL at random instants and resumes it, again
// and again, until it is done. `node bench/run-kills.js [--kills 1000]`; 1,000 take about half an hour on two cores.
import {spawn, spawnSync} from 'node:child_process'
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'

const {values} = parseArgs({
  options: {kills: {type: 'string', default: '1000'}, until: {type: 'string', default: '2500'}},
})
const program = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const TASKS = 20
let kills = 0
let runs = 0
while (kills < Number(values.kills)) {
  const home = mkdtempSync(join(tmpdir(), 'clinvk-kills-'))
  try {
    await oneRun(home)
    runs++
  } finally {
    rmSync(home, {recursive: true, force: true})
  }
}
console.log(`${kills} kills of ${runs} runs of ${TASKS} tasks: ${process.exitCode ? 'LOST' : 'nothing lost'}`)

async function oneRun(home) {
  const env = {PATH: process.env.PATH, HOME: home, CLINVK_BACKEND: 'echo'}
  const tasks = Array.from({length: TASKS}, (_, index) => ({
    name: `t${index}`,
    prompt: index < 4 ? `task ${index}` : `task ${index} after {{tasks.t${index - 4}.session}}`,
    needs: index < 4 ? [] : [`t${index - 4}`],
  }))
  const file = join(home, 'run.json')
  writeFileSync(file, JSON.stringify({tasks, max_parallel: 4}))
  let words = ['parallel', '-f', file, '--json']
  for (;;) {
    const child = spawn(process.execPath, [program, ...words], {env, cwd: home, stdio: 'ignore'})
    const ended = new Promise((resolve) => child.on('exit', (code) => resolve(code)))
    const code = await Promise.race([ended, wait(Math.random() * Number(values.until), 'late')])
    if (code === 'late') {
      child.kill('SIGKILL')
      await ended
      kills++
    }
    const folder = join(home, '.clinvk', 'runs')
    const [id] = existsSync(folder)
      ? readdirSync(folder).filter((name) => existsSync(join(folder, name, 'run.json')))
      : []
    if (id === undefined) continue
    if (code === 0) return check(home, env, id)
    if (code !== 'late') return lost(`exit code ${code}`, home, id)
    words = ['runs', 'resume', id, '--json']
  }
}

/** Every task is done once, with an answer to its own prompt, and nothing was started after it was done. */
function check(home, env, id) {
  const log = readFileSync(join(home, '.clinvk', 'runs', id, 'log.jsonl'), 'utf8')
  const done = new Map()
  for (const line of log.split('\n').filter(Boolean)) {
    let event
    try {
      event = JSON.parse(line)
    } catch {
      continue
    }
    const {result, task, type} = event
    if ((type === 'started' || type === 'done') && done.has(task))
      lost(`task ${task}: ${type} after it was done`, home, id)
    if (type === 'done') done.set(task, result)
  }
  for (let number = 1; number <= TASKS; number++) {
    const {content = '', session_id: session} = done.get(number) ?? {}
    if (!content.includes(`task ${number - 1}`)) lost(`task ${number}: ${content}`, home, id)
    const before = done.get(number - 4)?.session_id
    if (before !== undefined && !content.includes(before))
      lost(`task ${number} has another answer before it`, home, id)
    if (!existsSync(join(home, '.clinvk', 'sessions', `${session}.json`)))
      lost(`session of task ${number}`, home, id)
  }
  const {stdout} = spawnSync(process.execPath, [program, 'runs', '--json'], {
    env,
    cwd: home,
    encoding: 'utf8',
  })
  if (JSON.parse(stdout).runs[0].state !== 'done') lost('its state', home, id)
}

function lost(what, home, id) {
  process.exitCode = 1
  console.log(`LOST: ${what}\n${readFileSync(join(home, '.clinvk', 'runs', id, 'log.jsonl'), 'utf8')}`)
}
