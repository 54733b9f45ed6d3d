// Takes the lock of a store, says so, and holds it until a file is there: hold.js DIRECTORY GATE
import {existsSync, writeSync} from 'node:fs'
import {StoreLock} from 'clinvk-plugin-sessions/store/lock'

const [directory, gate] = process.argv.slice(2)
new StoreLock(directory).run(() => {
  writeSync(1, 'inside\n')
  while (!existsSync(gate)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
})
