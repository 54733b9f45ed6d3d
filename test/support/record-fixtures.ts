/**
 * Records the fixtures of the official backends anew, with the real agents and the
 * model server: `npx tsx test/support/record-fixtures.ts claude [NAME ...]`. Each
 * NAME.json says what the agent is asked; what it prints then is written beside it,
 * without paths of this machine. What to expect of it stays as it is, to be looked at.
 */
import {spawn} from 'node:child_process'
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Turn} from 'clinvk-contract'
import {AGENT_PROGRAMS} from './agent-env.js'
import {AGENTS, type Agent} from './agents.js'
import {backendOf} from './backend-of.js'
import {type ModelServer, startModelServer} from './model-server/index.js'
import {ROOT} from './sandbox.js'
import {TURN} from './turn.js'

interface Case {
  readonly turn: Partial<Turn>
  readonly exit: {readonly code?: number; readonly signal?: string}
}

const [, , backend, ...names] = process.argv
const agent = AGENTS.find(({name}) => name === backend)!
const directory = join(ROOT, 'plugins', `backend-${backend}`, 'fixtures')
async function record(name: string, {exit, turn}: Case): Promise<void> {
  const user = agent.create(server.url)
  user.setRetries('none')
  user.write('project/notes.txt', 'Remember the milk.\n')
  SCENES[name]?.(server, agent)
  const session = turn.session!
  let id = session.id
  if (session.kind === 'resume' && name !== 'unknown-session') {
    const first = await run(user, {...turn, prompt: 'first question', session: {kind: 'new', id}})
    // An agent that takes no id from outside tells its own.
    id = /"(?:session|thread)_id":"([^"]+)"/.exec(first.stdout)![1]!
  }

  const stop = name === 'interrupted' ? server.arrived('slowly') : undefined
  const {code, stderr, stdout} = await run(user, {...turn, session: {...session, id}}, stop)
  const scrubbed = (text: string) =>
    [
      [new RegExp(user.home.replaceAll(/[^A-Za-z0-9]/g, '-'), 'g'), '-home-ada'],
      [new RegExp(user.home, 'g'), '/home/ada'],
      [new RegExp(`(file://)?${ROOT}/?test/agents/programs/node_modules`, 'g'), '/usr/lib/node_modules'],
      [new RegExp(server.url.slice('http://'.length), 'g'), '127.0.0.1:8080'],
      [/"(thread_id|session_id)":"[^"]*"/g, `"$1":"${session.id}"`],
    ].reduce((all, [from, to]) => all.replace(from as RegExp, to as string), text)
  writeFileSync(join(directory, `${name}.stdout`), scrubbed(stdout))
  rmSync(join(directory, `${name}.stderr`), {force: true})
  if (stderr !== '') writeFileSync(join(directory, `${name}.stderr`), scrubbed(stderr))
  process.stdout.write(
    `${name}: ${stdout.split('\n').length} lines, exit ${JSON.stringify(code)}, expected ${JSON.stringify(exit)}\n`,
  )
  user.remove()
}

async function run(user: ReturnType<Agent['create']>, part: Partial<Turn>, stop?: Promise<unknown>) {
  const {backend: plugin, executable} = await backendOf(backend!)
  const turn: Turn = {...TURN, ...part, cwd: user.project}
  const scratch = join(user.home, 'scratch')
  const plan = plugin.plan(turn, {platform: 'linux', isRoot: false, env: user.env, scratch})
  if (plan.kind === 'refusal') throw new Error(plan.reason)
  for (const {content, path} of plan.files ?? []) {
    mkdirSync(scratch, {recursive: true})
    writeFileSync(path, content)
  }

  // spawn leaves out what is undefined.
  const env = {...user.env, PWD: user.project, ...plan.env}
  const child = spawn(join(AGENT_PROGRAMS, executable), plan.args, {
    cwd: user.project,
    env,
    stdio: 'pipe',
  })
  child.stdin.end(plan.stdin)
  const printed = {stdout: '', stderr: ''}
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => (printed[stream] += text))
  void stop?.then(() => setTimeout(() => child.kill(plugin.stopSignal?.(turn) ?? 'SIGINT'), 500))
  return new Promise<{code: unknown; stdout: string; stderr: string}>((resolve) =>
    child.once('close', (code, signal) => resolve({code: code ?? signal, ...printed})),
  )
}

/** What the model does in each. */
const SCENES: Readonly<Record<string, (server: ModelServer, agent: Agent) => void>> = {
  answer: (model) =>
    model.when('hello', {
      text: 'Hello Ada, nice to “see” you. 👋',
      thinking: 'She greets me; I greet back.',
      usage: {input: 120, output: 30, cacheRead: 20, reasoning: 7},
    }),
  tools: (model, agent) =>
    model.when('notes', {text: 'I look.', tools: [agent.readFile('notes.txt')]}, {text: 'The milk.'}),
  denied: (model, agent) =>
    model.when('plan', {tools: [agent.newFile('plan.md', 'Buy milk.')]}, {text: 'I may not write it.'}),
  'signed-out': (model) => model.otherwise({status: 401, message: 'invalid key'}),
  'rate-limit': (model) => model.otherwise({status: 429, message: 'slow down'}),
  'server-error': (model) => model.otherwise({status: 500, message: 'out of order'}),
  interrupted: (model) => model.when('slowly', {text: 'One, two, three, four.', hang: 'stream'}),
}

const server = await startModelServer()
for (const file of readdirSync(directory).filter((name) => name.endsWith('.json'))) {
  const name = file.replace('.json', '')
  if (names.length > 0 && !names.includes(name)) continue
  server.reset()
  await record(name, JSON.parse(readFileSync(join(directory, file), 'utf8')) as Case)
}

await server.close()
