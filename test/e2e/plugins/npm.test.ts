import assert from 'node:assert/strict'
import {existsSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Config} from '@oclif/core'
import {npmOf} from '../../../src/plugins/npm.js'
import {Sandbox} from '../../support/sandbox.js'
import {waitFor} from '../../support/wait-for.js'

describe('npm, as clinvk runs it', () => {
  it('is ended by Ctrl-C although it takes no notice', async () => {
    const user = new Sandbox()
    const folder = mkdtempSync(join(tmpdir(), 'clinvk-npm-'))
    try {
      const root = user.directory('installed')
      user.write('installed/package.json', '{}')
      user.write('installed/node_modules/npm/package.json', '{"name": "npm"}')
      user.write(
        'installed/node_modules/npm/bin/npm-cli.js',
        `for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})
         require('node:fs').writeFileSync('started', '')
         setInterval(() => {}, 1000)`,
      )
      const stop = new AbortController()
      const config: Pick<Config, 'root' | 'npmRegistry'> = {root}
      const viewing = npmOf(config, user.env, folder, stop.signal).view('x')
      await waitFor('npm runs', () => existsSync(join(folder, 'started')))
      stop.abort('SIGINT')
      await assert.rejects(viewing, {kind: 'cancelled', message: 'Interrupted: nothing was changed.'})
    } finally {
      rmSync(folder, {recursive: true, force: true})
      user.remove()
    }
  })
})
