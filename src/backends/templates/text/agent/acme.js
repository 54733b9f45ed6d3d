#!/usr/bin/env node
// Stands in for the agent, so that everything works before you have changed anything. Put the name of
// the real program into package.json (`executable`), and delete this file.
//
//   acme.js [--model=NAME]   |   acme.js --version
//
// It reads a prompt from standard input and prints its answer as text. Exit code 3: ACME_KEY is `wrong`.
import {text} from 'node:stream/consumers'
import {parseArgs} from 'node:util'

const {values} = parseArgs({
  options: {model: {type: 'string', default: 'acme-1'}, version: {type: 'boolean'}},
})

if (values.version) {
  console.log('acme 1.0.0')
} else if (process.env.ACME_KEY === 'wrong') {
  console.error('The key in ACME_KEY is not valid.')
  process.exitCode = 3
} else {
  console.log(`You said: ${await text(process.stdin)}`)
}
