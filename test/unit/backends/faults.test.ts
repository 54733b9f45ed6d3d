import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {BackendEvent, Turn} from 'clinvk-contract'
import {backendOf} from '../../support/backend-of.js'
import {ROOT} from '../../support/sandbox.js'

interface Fault {
  readonly what: string
  readonly outcome: string
  /** A regular expression. */
  readonly message: string
  readonly code: number
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
}

/** What the agents printed when the model server failed in these ways; only what every run prints is left out. */
for (const agent of ['claude', 'codex', 'gemini']) {
  describe(`what ${agent} prints when its model fails`, () => {
    const path = join(ROOT, `test/unit/backends/faults/${agent}.json`)
    for (const fault of JSON.parse(readFileSync(path, 'utf8')) as Fault[]) {
      it(`${fault.what} is ${fault.outcome}`, async () => {
        const {backend} = await backendOf(agent)
        const reader = backend.reader(TURN)
        const events: BackendEvent[] = [
          ...fault.stderr.flatMap((line) => reader.errorLine?.(line) ?? []),
          ...fault.stdout.flatMap((line) => reader.line(line)),
        ]
        const verdict = reader.end({code: fault.code, stderr: fault.stderr.join('\n')})
        assert.equal(verdict.outcome, fault.outcome)
        assert.match('message' in verdict ? verdict.message : '', RegExp(fault.message))
        assert.deepEqual(
          events.filter(({type}) => type === 'unparsed'),
          [],
        )
        if (agent === 'claude') assert.ok(!events.some(({type}) => type === 'text'))
        if (agent === 'gemini') assert.equal(verdict.usage, undefined)
      })
    }
  })
}

const TURN: Turn = {
  prompt: 'hello',
  cwd: '/home/ada/project',
  session: {kind: 'new', id: '0f4b1d0e-2d51-4a5e-9c1b-7f3f8d1b2c3d'},
  approval: 'default',
  sandbox: 'default',
  allowedTools: [],
  addDirs: [],
  extra: [],
}
