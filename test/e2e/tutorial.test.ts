import assert from 'node:assert/strict'
import {chmodSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {delimiter, dirname, join} from 'node:path'
import {pageBlocks, type Block} from '../support/page-blocks.js'
import {startRegistry, type Registry} from '../support/registry/index.js'
import {NPM, offlineNpm} from '../support/registry/offline-npm.js'
import {ROOT, Sandbox} from '../support/sandbox.js'

/**
 * Does what docs/plugins/tutorial.md says, from an empty directory, with a registry
 * of this machine: `sh` is run, `text` below it is what it prints (`…` is anything),
 * any other block is written to the file that it names.
 */
describe('the tutorial for backends', () => {
  const blocks = pageBlocks(join(ROOT, 'docs/plugins/tutorial.md'))
  let user: Sandbox
  let registry: Registry
  let cwd: string
  before(async function () {
    this.timeout(120_000)
    registry = await startRegistry()
    user = new Sandbox()
    const bin = user.directory('bin')
    for (const [name, script] of [
      ['clinvk', `"${join(ROOT, 'bin/run.js')}" "$@"`],
      ['npm', `"${NPM}" "$@"`],
      // What npx runs, without a second npm.
      ['npx', 'node_modules/typescript/bin/"$@"'],
    ] as const)
      chmodSync(user.write(`bin/${name}`, `#!/bin/sh\nexec "${process.execPath}" ${script}\n`), 0o755)

    const npm = offlineNpm(user.home, registry.url)
    Object.assign(user.env, npm, {PATH: [bin, npm.PATH].join(delimiter)})
    cwd = user.project
  })
  after(async () => {
    user.remove()
    await registry.close()
  })

  for (const step of new Set(blocks.map((block) => block.step))) {
    it(step, async function () {
      this.timeout(240_000)
      for (const [index, block] of blocks.entries()) {
        if (block.step !== step || block.language === 'text') continue
        if (block.language !== 'sh') write(block)
        else await run(block, blocks[index + 1])
      }
    })
  }

  function write({file, line, text}: Block): void {
    assert.ok(file !== undefined, `The block of line ${line} does not say which file it is.`)
    const path = join(cwd, file)
    mkdirSync(dirname(path), {recursive: true})
    writeFileSync(path, text)
  }

  async function run({line, text}: Block, next: Block | undefined): Promise<void> {
    const where = join(user.home, 'where')
    // Both streams in the order in which a reader of the page sees them.
    const script = `exec 2>&1; trap 'pwd > "${where}"' EXIT; ${text}`
    const {code, stdout} = await user.run('/bin/bash', ['-ec', script], {cwd}).finished
    assert.equal(code, 0, `Line ${line} ends with exit code ${String(code)}:\n${text}\n${stdout}`)
    cwd = readFileSync(where, 'utf8').trim()
    if (next?.language === 'text') assertShows(stdout, next)
  }
})

function assertShows(printed: string, {line, text}: Block): void {
  const pattern = text
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('[^]*')
  if (!RegExp(`^${pattern}$`).test(printed)) assert.equal(printed, text, `Line ${line} shows something else.`)
}
