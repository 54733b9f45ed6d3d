// Makes a clean clone ready, before `npm run demo` and `npm test`; with --agents the agents' programs, too. Does
// nothing where the packages of a package-lock.json are installed.
import {spawnSync} from 'node:child_process'
import {statSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
install(root)
if (process.argv.includes('--agents')) install(`${root}test/agents/programs/`)

function install(folder) {
  const changed = (file) => statSync(`${folder}${file}`, {throwIfNoEntry: false})?.mtimeMs ?? 0
  if (changed('node_modules/.package-lock.json') >= changed('package-lock.json')) return
  const {status} = spawnSync('npm', ['ci'], {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  process.exitCode ||= status ?? 1
}
