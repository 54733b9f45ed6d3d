// Makes a clean clone ready, before `npm run demo` and `npm test`; with --agents the agents' programs, too, with
// --clients what talks to the server, with --browser what drives Chromium. Does nothing where all is installed.
import {spawnSync} from 'node:child_process'
import {copyFileSync, rmSync, statSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const isWindows = process.platform === 'win32'
install(root)
if (process.argv.includes('--agents')) install(`${root}test/agents/programs/`)
if (process.argv.includes('--browser')) install(`${root}test/system/browser/`)
if (process.argv.includes('--clients')) {
  install(`${root}test/agents/clients/`)
  installForPython(`${root}test/agents/clients/`)
}

function install(folder) {
  if (changed(`${folder}node_modules/.package-lock.json`) >= changed(`${folder}package-lock.json`)) return
  run('npm', ['ci'], folder)
}

function installForPython(folder) {
  // A copy of the list is written once all of it is installed.
  if (changed(`${folder}.venv/requirements.txt`) >= changed(`${folder}requirements.txt`)) return
  rmSync(`${folder}.venv`, {recursive: true, force: true})
  const isDone =
    run(isWindows ? 'python' : 'python3', ['-m', 'venv', '.venv'], folder) &&
    run(
      `.venv/${isWindows ? 'Scripts' : 'bin'}/python`,
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', 'requirements.txt'],
      folder,
    )
  if (isDone) copyFileSync(`${folder}requirements.txt`, `${folder}.venv/requirements.txt`)
  else
    console.error(
      'The tests of clients need Python 3.9 or newer with venv. On Debian: apt-get install python3-venv',
    )
}

function changed(file) {
  return statSync(file, {throwIfNoEntry: false})?.mtimeMs ?? 0
}

/** Whether it has succeeded. */
function run(program, words, cwd) {
  const {status} = spawnSync(program, words, {cwd, stdio: 'inherit', shell: isWindows})
  process.exitCode ||= status ?? 1
  return status === 0
}
