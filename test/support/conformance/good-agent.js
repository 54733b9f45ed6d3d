#!/usr/bin/env node
// The agent of the good backend, for the level `live`: keeps its conversations, and has the flaws that FLAWS names.
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {parseArgs} from 'node:util'

const {FLAWS = '', HOME} = process.env
const {values} = parseArgs({
  options: {
    json: {type: 'boolean'},
    session: {type: 'string'},
    resume: {type: 'string'},
    forget: {type: 'boolean'},
    sandbox: {type: 'string'},
  },
})
const id = values.resume ?? values.session ?? 'e1f0a7c2-0000-4000-8000-000000000000'
const directory = join(HOME, '.good-agent')
const path = join(directory, `${id}.json`)
const prompts = values.resume === undefined || FLAWS.includes('forgets') ? [] : read()
const prompt = await text(process.stdin)
prompts.push(prompt)

process.once('SIGTERM', () => {
  if (!FLAWS.includes('loses')) save()
  process.exit(143)
})
if (!FLAWS.includes('loses')) save()
say({type: 'hello', session: id, model: 'small'})
if (prompt.startsWith('Count')) await count()
if (prompt.includes('proof.txt')) makeFile()
if (!FLAWS.includes('mute')) say({type: 'say', text: `You said: ${prompts.join(' | ')}`})
if (!FLAWS.includes('uncounted')) say({type: 'tokens', input: 10, output: 5, cached: 0})
save()
say({type: 'bye', ok: true})

async function count() {
  say({type: 'say', text: 'one'})
  await new Promise((resolve) => setTimeout(resolve, 60_000))
}

function makeFile() {
  say({type: 'use', id: 't1', tool: 'write'})
  if (values.sandbox !== 'read-only' || FLAWS.includes('writes')) writeFileSync('proof.txt', 'proof')
  say({type: 'used', id: 't1', output: 'done, or not'})
}

function read() {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    say({type: 'hello', session: id, model: 'small'})
    say({type: 'bye', ok: false, error: 'There is no such conversation.'})
    process.exit(1)
  }
}

function save() {
  if (values.forget && !FLAWS.includes('keeps')) return
  mkdirSync(directory, {recursive: true})
  writeFileSync(path, JSON.stringify(prompts))
}

function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}
