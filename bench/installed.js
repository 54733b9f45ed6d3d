import {execFileSync} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

const places = new Map()

/** Installs a package into a temporary directory, once, and gives the `node_modules` that has it. */
export function installed(spec) {
  if (!places.has(spec)) places.set(spec, install(spec))
  return join(places.get(spec), 'node_modules')
}

/** Removes what was installed. */
export function uninstall() {
  for (const place of places.values()) rmSync(place, {recursive: true, force: true})
}

function install(spec) {
  const place = mkdtempSync(join(tmpdir(), 'clinvk-bench-npm-'))
  console.error(`installs ${spec} …`)
  execFileSync(
    'npm',
    ['install', '--prefix', place, '--no-audit', '--no-fund', '--loglevel', 'error', spec],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  return place
}
