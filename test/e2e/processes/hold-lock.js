// Acquires a lock, says so, and holds it until a file is there: hold-lock.js LOCK GATE [EXTRA_WAIT]
import {existsSync, writeSync} from 'node:fs'
import {setTimeout as pause} from 'node:timers/promises'
import {LockFile} from 'clinvk-kit/process/lock-file'

const [path, gate] = process.argv.slice(2)
await new LockFile(path, 'The sessions').run(async (lock) => {
  writeSync(1, 'acquired\n')
  while (!existsSync(gate)) await pause(5)
  lock.check()
})
