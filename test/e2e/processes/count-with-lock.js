// Adds 1 to the number in a file so many times, each time under a lock: count-with-lock.js LOCK FILE TIMES
import {readFileSync, writeFileSync, writeSync} from 'node:fs'
import {LockFile} from 'clinvk-kit/process/lock-file'

const [path, file, times] = process.argv.slice(2)
const lock = new LockFile(path, 'The number')
writeSync(1, 'ready\n')
await new Promise((resolve) => process.stdin.once('data', resolve))
process.stdin.destroy()
for (let time = 0; time < Number(times); time++) {
  await lock.run(async (held) => {
    const number = Number(readFileSync(file, 'utf8'))
    // Gives others the chance to do the same.
    await new Promise((resolve) => setImmediate(resolve))
    held.check()
    writeFileSync(file, String(number + 1))
  })
}

writeSync(1, 'done\n')
