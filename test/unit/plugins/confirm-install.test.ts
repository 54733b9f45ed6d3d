import assert from 'node:assert/strict'
import {PassThrough} from 'node:stream'
import {stripVTControlCharacters} from 'node:util'
import {confirmInstall} from '../../../src/plugins/allow-plugin.js'
import type {PluginContext} from '../../../src/plugins/plugin-context.js'
import type {PluginPackage} from '../../../src/plugins/plugin-package.js'

/** What a user is shown before a plugin is installed, and what the answers do. */
describe('the question before an installation', () => {
  const ask = async (
    answer: string,
    {isTTY = true, reason = undefined as string | undefined, yes = false} = {},
  ) => {
    const stdin = Object.assign(new PassThrough(), {isTTY})
    const stderr = Object.assign(new PassThrough(), {isTTY})
    const consent = {yes, allowScripts: false, command: 'clinvk plugins install x'}
    const context = {consent, io: {stdin, stderr}} as unknown as PluginContext
    const confirmed = confirmInstall(
      PLUGIN,
      ['the backend claude of clinvk-backend-claude 1.0.0'],
      context,
      reason,
    )
    stdin.end(answer)
    const outcome = await confirmed.then(
      () => 'installed',
      (error: unknown) => error,
    )
    return {outcome, shown: String(stderr.read() ?? '')}
  }

  it('shows what is known, each fact in one line', async () => {
    const {outcome, shown} = await ask('y\n')
    assert.equal(outcome, 'installed')
    assert.equal(
      stripVTControlCharacters(shown),
      `clinvk-backend-echoo 1.0.0
  from         the registry at npm.example.org
  published by mallory, 2026-03-04
  maintainers  mallory, trudy
  repository   https://git.example.org/e\\u001b[31mcho.git
  dependencies 2
  backends     claude
  hooks        turn:guard
  plugins      kid
  scripts      postinstall: they will not run
  replaces     the backend claude of clinvk-backend-claude 1.0.0
  deprecated   Use echo.
  warning      the official plugin is clinvk-backend-echo
  A plugin runs its author's code with all your rights, whenever you use clinvk.
Install it? [y/N] y\r\n`,
    )
  })

  it('says first what has changed', async () => {
    const {shown} = await ask('yes\n', {reason: 'It is sold.'})
    assert.match(shown, /^It is sold\.\nclinvk-backend-echoo 1\.0\.0\n/)
  })

  for (const answer of ['n\n', '\n', '', 'never\n']) {
    it(`takes ${JSON.stringify(answer)} as a no`, async () => {
      const {outcome} = await ask(answer)
      assert.equal((outcome as {kind: string}).kind, 'cancelled')
    })
  }

  it('is not asked with --yes', async () => {
    assert.deepEqual(await ask('', {yes: true, isTTY: false}), {outcome: 'installed', shown: ''})
  })

  it('is an error without a terminal, with the same facts and what to type', async () => {
    const {outcome, shown} = await ask('y\n', {isTTY: false})
    const {hints, kind, message} = outcome as {kind: string; message: string; hints: string[]}
    assert.equal(shown, '')
    assert.equal(kind, 'usage')
    assert.equal(message, 'clinvk-backend-echoo 1.0.0 is not an official plugin. It needs your consent.')
    assert.equal(hints[0], 'from         the registry at npm.example.org')
    assert.equal(hints.at(-1), 'If you trust it: clinvk plugins install x --yes')
  })
})

const PLUGIN: PluginPackage = {
  name: 'clinvk-backend-echoo',
  version: '1.0.0',
  source: {kind: 'registry', host: 'npm.example.org', tag: 'latest'},
  pinned: 'clinvk-backend-echoo@1.0.0',
  publisher: 'mallory',
  maintainers: ['mallory', 'trudy'],
  publishedAt: '2026-03-04T05:06:07.000Z',
  deprecated: 'Use echo.',
  repository: 'https://git.example.org/e\u001B[31mcho.git',
  pjson: {name: 'clinvk-backend-echoo', version: '1.0.0', dependencies: {a: '1', kid: '1'}},
  provides: {backends: ['claude'], hooks: ['turn:guard'], plugins: ['kid']},
  scripts: ['postinstall'],
}
