#!/usr/bin/env node
// The agent of the echo backend: reads a prompt, answers with what it was told. A process of its
// own, like every agent, but without account and network. It prints JSON, one event a line:
//
//   {"type":"session","id":"…","turn":2}   {"type":"text","text":"…"}   {"type":"result","usage":{…}}
//
//   echo.js --session ID --turn N [--model M] [--system TEXT] [--read-only] [--delay MS]   |   echo.js --version
import {randomUUID} from 'node:crypto'
import {once} from 'node:events'
import {createRequire} from 'node:module'
import {text} from 'node:stream/consumers'
import {setTimeout as wait} from 'node:timers/promises'
import {parseArgs} from 'node:util'

const {values} = parseArgs({
  options: {
    session: {type: 'string'},
    turn: {type: 'string', default: '1'},
    model: {type: 'string', default: 'echo-1'},
    system: {type: 'string'},
    // It never changes anything.
    'read-only': {type: 'boolean'},
    delay: {type: 'string', default: '0'},
    version: {type: 'boolean', default: false},
  },
})

if (values.version) {
  const {version} = createRequire(import.meta.url)('../package.json')
  process.stdout.write(`${version}\n`)
  process.exit()
}

const turn = Number(values.turn)
await print({type: 'session', id: values.session ?? randomUUID(), model: values.model, turn})
const prompt = await text(process.stdin)
const answer = [
  `You said: ${prompt}`,
  ...(turn === 1 ? [] : [`This is turn ${turn} of our conversation.`]),
  ...(values.system === undefined ? [] : [`My instructions: ${values.system}`]),
].join('\n')

for (const piece of pieces(answer)) {
  await print({type: 'text', text: piece})
  if (values.delay !== '0') await wait(Number(values.delay))
}

await print({type: 'result', usage: {input: words(prompt), output: words(answer)}})

/** A few words at a time for people, larger pieces where the answer is long. */
function* pieces(whole) {
  if (whole.length > 4096) {
    for (let start = 0, end; start < whole.length; start = end) {
      end = start + 65_536
      // A pair of surrogates is one character.
      if (whole.charCodeAt(end - 1) >> 10 === 0xd800 >> 10) end++
      yield whole.slice(start, end)
    }

    return
  }

  yield* whole.match(/\S*\s*/g).filter((word) => word !== '')
}

async function print(event) {
  if (!process.stdout.write(`${JSON.stringify(event)}\n`)) await once(process.stdout, 'drain')
}

/** The simplest measure of size: words stand for tokens. */
function words(string) {
  return string.split(/\s+/).filter((word) => word !== '').length
}
