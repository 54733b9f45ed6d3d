import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {join} from 'node:path'
import {ROOT} from '../../support/sandbox.js'

describe('manifests', () => {
  it('are those of the commands as they are: a stale one hides commands and flags', () => {
    const output = execFileSync(process.execPath, [join(ROOT, 'build/plugins.js'), '--check'], {
      encoding: 'utf8',
    })
    assert.equal(output, '')
  })
})
