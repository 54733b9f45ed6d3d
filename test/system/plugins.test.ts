import assert from 'node:assert/strict'
import {rmSync} from 'node:fs'
import {join} from 'node:path'
import {PluginUser} from '../support/plugin-user.js'
import {inventedBackend} from '../support/registry/invented-package.js'
import {serveRegistry, type Registry} from '../support/registry/index.js'
import {Terminal} from '../support/terminal.js'

/** What a person is asked before somebody's code comes in, and before it is gone. */
describe('plugins on a terminal', () => {
  let registry: Registry
  let user: PluginUser
  let terminal: Terminal
  before(async () => {
    registry = await serveRegistry([inventedBackend('acme', {publisher: 'ada'})])
    user = new PluginUser(registry)
    terminal = new Terminal(user, {columns: 100, rows: 30})
  })
  after(async () => {
    terminal.close()
    user.remove()
    await registry.close()
  })

  const files = () => Object.keys(user.files()).filter((file) => file.startsWith('node_modules/clinvk-'))

  for (const [what, answer] of [
    ['no', () => terminal.type('n')],
    ['nothing but Enter', () => terminal.type('')],
    ['Ctrl-C', () => terminal.press('C-c')],
  ] as const) {
    it(`installs nothing when the answer is ${what}`, async () => {
      terminal.type('clear; clinvk plugins install clinvk-backend-acme; echo code $?')
      const screen = await terminal.shows(/Install it\? \[y\/N\]$/)
      assert.match(
        screen,
        /^clinvk-backend-acme 1\.0\.0\n {2}from {9}the registry at \S+\n {2}published by ada, 2026-03-04\n {2}maintainers {2}ada\n {2}dependencies none\n {2}backends {5}acme\n {2}A plugin runs its author's code/m,
      )
      answer()
      assert.match(await terminal.shows(/\ncode 130\n/), /\nNothing was changed\.\n/)
      assert.deepEqual(files(), [])
    })
  }

  it('takes back what was begun on Ctrl-C, which npm hears too', async () => {
    rmSync(join(user.home, 'npm-cache'), {recursive: true, force: true})
    registry.fallSilent('tarballs')
    terminal.type('clear; clinvk plugins install clinvk-backend-acme --yes; echo code $?')
    await terminal.shows(/Installing clinvk-backend-acme · \d/)
    await registry.heardInSilence()
    terminal.press('C-c')
    assert.match(await terminal.shows(/\ncode 130\n/), /Interrupted: nothing was changed\.\n/)
    await registry.comeBack()
    assert.deepEqual(files(), [])
  })

  it('installs on a yes, and leaves no trace of the line that showed the progress', async () => {
    terminal.type('clear; clinvk plugins install clinvk-backend-acme; echo code $?')
    await terminal.shows(/Install it\?/)
    terminal.type('y')
    const screen = await terminal.shows(/\ncode 0\n/)
    assert.match(
      screen,
      /\[y\/N\] y\nInstalled clinvk-backend-acme 1\.0\.0 from .*, published by ada\.\nTry it: clinvk -b acme "hello"\n/,
    )
    assert.equal(await user.answer('acme'), 'acme 1.0.0: hello\n')
  })

  it('asks again when the publisher is another one, and keeps the old version on a no', async () => {
    registry.publish(inventedBackend('acme', {version: '1.0.1', publisher: 'mallory'}))
    terminal.type('clear; clinvk plugins update; echo code $?')
    const screen = await terminal.shows(/Install it\?/)
    assert.match(screen, /^clinvk-backend-acme is now published by mallory; until now it was by ada\.\n/)
    terminal.type('n')
    await terminal.shows(/\ncode 130\n/)
    assert.equal(await user.answer('acme'), 'acme 1.0.0: hello\n')
  })

  it('asks before all of them are removed', async () => {
    terminal.type('clear; clinvk plugins reset; echo code $?')
    await terminal.shows(/This removes clinvk-backend-acme\. Continue\?/)
    terminal.type('n')
    await terminal.shows(/Nothing was changed\.\ncode 130\n/)
    terminal.type('clear; clinvk plugins reset; echo code $?')
    await terminal.shows(/Continue\?/)
    terminal.type('y')
    await terminal.shows(/Removed clinvk-backend-acme\.\ncode 0\n/)
    assert.deepEqual(files(), [])
  })
})
