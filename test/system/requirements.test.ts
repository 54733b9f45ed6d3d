import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'

/** Programs that these tests use, and the Debian package of each. */
const PROGRAMS: Record<string, string> = {
  tmux: 'tmux',
  unshare: 'util-linux',
  mount: 'mount',
  script: 'bsdutils',
  zsh: 'zsh',
  fish: 'fish',
  chromium: 'chromium',
}

before('the programs of the system tests', () => {
  const missing = Object.entries(PROGRAMS).filter(
    ([program]) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
  )
  const packages = missing.map(([, name]) => name).join(' ')
  assert.equal(packages, '', `Missing programs. On Debian: apt-get install ${packages}`)
})
