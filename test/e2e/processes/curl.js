// As much of curl as the guides use: curl [-s] [-N] [-X METHOD] [-H HEADER] [-d BODY] URL
import {parseArgs} from 'node:util'

const {positionals, values} = parseArgs({
  allowPositionals: true,
  options: {
    silent: {type: 'boolean', short: 's'},
    'no-buffer': {type: 'boolean', short: 'N'},
    request: {type: 'string', short: 'X'},
    header: {type: 'string', short: 'H', multiple: true, default: []},
    data: {type: 'string', short: 'd'},
  },
})
const headers = values.header.map((header) => header.split(/:\s*/, 2))
const method = values.request ?? (values.data === undefined ? 'GET' : 'POST')
const response = await fetch(positionals[0], {method, headers, body: values.data})
process.stdout.write(`${await response.text()}\n`)
process.exitCode = response.ok ? 0 : 22
