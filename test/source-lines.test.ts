import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {join} from 'node:path'
import {sourceLines} from '../dist/start/source-lines.js'
import {ROOT} from './support/sandbox.js'

describe('the stack of an error of ours', () => {
  it('names the line of the source, though what runs is a bundle', async () => {
    const {commands} = createRequire(import.meta.url)('../dist/bundle/main.cjs') as {
      commands: Record<string, new (argv: string[], config: object) => {run(): Promise<void>}>
    }
    // Without any config it fails where it looks for the version.
    const error = await new commands.version!([], {}).run().then(
      () => undefined,
      (error: unknown) => error as Error,
    )
    const places = [...sourceLines(error!.stack!).matchAll(/(src\/\S+\.ts):(\d+):\d+/g)]
    const [, file, line] = places[0]!
    assert.equal(file, 'src/commands/version.ts')
    assert.match(readFileSync(join(ROOT, file), 'utf8').split('\n')[Number(line) - 1]!, /this\.parse/)
  })

  it('is left as it is where nothing is known of a file', () => {
    const stack = 'Error: no\n    at f (/no/such/file.cjs:1:2)\n    at node:fs:1:2'
    assert.equal(sourceLines(stack), stack)
  })
})
