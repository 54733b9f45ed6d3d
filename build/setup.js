// Makes a clean clone ready: `npm run demo` and `npm test` call it first. Does nothing when the
// packages of package-lock.json are installed.
import {spawnSync} from 'node:child_process'
import {statSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const changed = (file) => statSync(`${root}${file}`, {throwIfNoEntry: false})?.mtimeMs ?? 0

if (changed('node_modules/.package-lock.json') < changed('package-lock.json')) {
  const {status} = spawnSync('npm', ['ci'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  process.exitCode = status ?? 1
}
