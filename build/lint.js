// All checks of `npm run lint` at the same time; prints what each has said, and fails when one has.
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {fileURLToPath} from 'node:url'

const cwd = fileURLToPath(new URL('..', import.meta.url))
await Promise.all(['eslint .', 'prettier --check .', 'tsc -p test/tsconfig.json', 'knip'].map(check))

async function check(command) {
  const child = spawn(command, {cwd, shell: true})
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (said += text))
  const [status] = await once(child, 'close')
  console.log(`${command}: ${status === 0 ? 'ok' : 'failed'}\n${said}`)
  if (status !== 0) process.exitCode = 1
}
