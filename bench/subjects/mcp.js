import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {hrtime} from 'node:process'
import {linkServe} from '../fill-plugins.js'

/** From the start of `clinvk mcp` until a client knows its tools, which is when the agent that started it can use it. */
export default {
  name: 'mcp',
  rows: [{title: 'clinvk mcp, until its tools are known', unit: 'x', most: 3}],
  prepare(place) {
    linkServe(place)
    return async () => {
      const {ms: base} = place.nothing()
      return [{base, ms: await untilTools(place)}]
    }
  },
}

async function untilTools(place) {
  const [file, args] = place.command(['mcp'])
  const started = hrtime.bigint()
  const child = spawn(file, args, {cwd: place.home, env: place.env(), stdio: ['pipe', 'pipe', 'inherit']})
  const send = (message) => child.stdin.write(`${JSON.stringify({jsonrpc: '2.0', ...message})}\n`)
  const clientInfo = {name: 'bench', version: '1.0.0'}
  send({id: 1, method: 'initialize', params: {protocolVersion: '2025-11-25', capabilities: {}, clientInfo}})
  send({method: 'notifications/initialized'})
  send({id: 2, method: 'tools/list'})
  let printed = ''
  for await (const chunk of child.stdout) if ((printed += chunk).includes('"id":2')) break
  const ms = Number(hrtime.bigint() - started) / 1e6
  if (!printed.includes('"name":"ask"')) throw new Error(`clinvk mcp has no tools: ${printed}`)
  child.stdin.end()
  if (child.exitCode === null) await once(child, 'exit')
  return ms
}
