#!/usr/bin/env node
// Stands in for the agent, so that everything works before you have changed anything. Put the name of
// the real program into package.json (`executable`), and delete this file.
//
//   acme.js [--session=ID | --resume=ID] [--model=NAME] [--style=loud]   |   acme.js --version
//
// It reads a prompt from standard input and prints JSON, one object a line:
//
//   {"type":"session","id":"…","model":"…"}   with --session or --resume; ~/.acme keeps the conversation
//   {"type":"text","text":"…"}                a piece of the answer
//   {"type":"done","tokens":{"in":1,"out":3}}
//
// Exit code 3: ACME_KEY is `wrong`. 4: no such conversation.
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {homedir} from 'node:os'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {parseArgs} from 'node:util'

const {values} = parseArgs({
  options: {
    session: {type: 'string'},
    resume: {type: 'string'},
    model: {type: 'string', default: 'acme-1'},
    style: {type: 'string'},
    version: {type: 'boolean'},
  },
})

if (values.version) {
  console.log('acme 1.0.0')
} else if (process.env.ACME_KEY === 'wrong') {
  fail(3, 'The key in ACME_KEY is not valid.')
} else {
  answer(await text(process.stdin))
}

function answer(prompt) {
  const id = values.resume ?? values.session
  const before = values.resume === undefined ? [] : conversation(id)
  if (before === undefined) return fail(4, `There is no conversation ${id}.`)
  if (id !== undefined) {
    print({type: 'session', id, model: values.model})
    mkdirSync(join(homedir(), '.acme'), {recursive: true})
    writeFileSync(fileOf(id), JSON.stringify([...before, prompt]))
  }

  const remembered = before.length === 0 ? '' : `\nBefore, you said: ${before.at(-1)}`
  const plain = `You said: ${prompt}${remembered}`
  const whole = values.style === 'loud' ? plain.toUpperCase() : plain
  for (const word of whole.match(/\S*\s*/g).filter((piece) => piece !== '')) print({type: 'text', text: word})
  print({type: 'done', tokens: {in: words(prompt), out: words(whole)}})
}

function conversation(id) {
  try {
    return JSON.parse(readFileSync(fileOf(id), 'utf8'))
  } catch {
    return undefined
  }
}

function fileOf(id) {
  return join(homedir(), '.acme', `${id}.json`)
}

function print(message) {
  console.log(JSON.stringify(message))
}

function fail(code, message) {
  console.error(message)
  process.exitCode = code
}

function words(string) {
  return string.split(/\s+/).filter((word) => word !== '').length
}
