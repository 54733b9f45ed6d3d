// Replays each fixture to the built backend, and compares what comes of it with its NAME.json.
// It needs nothing but Node; `clinvk backends test .` does the same, damages the fixtures, and checks much more.
import assert from 'node:assert/strict'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {test} from 'node:test'
import backend from '../dist/index.js'

const TURN = {
  prompt: 'hello',
  cwd: '/project',
  session: {kind: 'new', id: '00000000-0000-4000-8000-000000000000'},
  approval: 'default',
  sandbox: 'default',
  allowedTools: [],
  addDirs: [],
  extra: [],
}
const HOST = {platform: 'linux', isRoot: false, env: {}, scratch: '/scratch'}

for (const file of readdirSync(new URL('../fixtures/', import.meta.url))) {
  if (!file.endsWith('.json')) continue
  const name = file.slice(0, -'.json'.length)
  const {description = name, exit = {code: 0}, expect, turn: given} = JSON.parse(read(file))
  test(`${name}: ${description}`, () => {
    const found = play({...TURN, ...given}, read(`${name}.stdout`), read(`${name}.stderr`), exit)
    for (const [field, value] of Object.entries(expect)) {
      if (field === 'error') assert.ok(found.error.includes(value), `${found.error} does not say: ${value}`)
      else assert.deepEqual(found[field], value, field)
    }
  })
}

/** What comes of a fixture, in the terms of `expect`. */
function play(turn, stdout, stderr, exit) {
  const plan = backend.plan(turn, HOST)
  const reader = backend.reader(turn)
  const events = [
    ...lines(stdout).flatMap((line) => reader.line(line)),
    ...lines(stderr).flatMap((line) => reader.errorLine?.(line) ?? []),
  ]
  const verdict = reader.end({...exit, stderr})
  const last = (type) => events.findLast((event) => event.type === type)
  const types = events.map(({type}) => type).filter((type) => type !== 'state' && type !== 'finished')
  return {
    outcome: verdict.outcome,
    content: verdict.content ?? events.map(({text, type}) => (type === 'text' ? text : '')).join(''),
    backend_session_id: last('session')?.backend_session_id,
    model: verdict.model ?? last('session')?.model,
    usage: verdict.usage ?? last('usage')?.usage,
    denials: verdict.denials ?? [],
    error: verdict.message ?? '',
    events: types.filter((type, index) => type !== types[index - 1]),
    args: plan.args,
    stdin: plan.stdin,
  }
}

function read(file) {
  const url = new URL(`../fixtures/${file}`, import.meta.url)
  return existsSync(url) ? readFileSync(url, 'utf8') : ''
}

function lines(text) {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}
