import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {BackendEvent} from 'clinvk-contract'
import {backendOf} from '../../support/backend-of.js'
import {CliUser} from '../../support/cli-user.js'
import {ROOT} from '../../support/sandbox.js'
import {TURN} from '../../support/turn.js'

interface Fault {
  readonly what: string
  readonly outcome: 'auth' | 'rate_limit' | 'session' | 'failed'
  /** A regular expression. */
  readonly message: string
  readonly code: number
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
}

const EXIT_CODES = {failed: 1, session: 4, auth: 8, rate_limit: 9}

/** What the agents printed when the model server failed in these ways; only what every run prints is left out. */
for (const agent of ['claude', 'codex', 'gemini']) {
  describe(`what ${agent} prints when its model fails`, () => {
    const path = join(ROOT, `test/unit/backends/faults/${agent}.json`)
    for (const fault of JSON.parse(readFileSync(path, 'utf8')) as Fault[]) {
      const {code, outcome, what} = fault
      it(`${what} is ${outcome}, exit code ${EXIT_CODES[outcome]}`, async () => {
        const {backend} = await backendOf(agent)
        const reader = backend.reader(TURN)
        const events: BackendEvent[] = [
          ...fault.stderr.flatMap((line) => reader.errorLine?.(line) ?? []),
          ...fault.stdout.flatMap((line) => reader.line(line)),
        ]
        const verdict = reader.end({code, stderr: fault.stderr.join('\n')})
        assert.ok(verdict.outcome === outcome, verdict.outcome)
        assert.match(verdict.message, RegExp(fault.message))
        assert.deepEqual(
          events.filter(({type}) => type === 'unparsed'),
          [],
        )
        if (agent === 'claude') assert.ok(!events.some(({type}) => type === 'text'))
        if (agent === 'gemini') assert.equal(verdict.usage, undefined)

        const user = new CliUser()
        const [stdout, stderr] = [fault.stdout, fault.stderr].map((lines, index) =>
          user.write(`printed-${index}`, lines.map((line) => `${line}\n`).join('')),
        )
        user.installProgram(agent, `cat >/dev/null\ncat ${stdout}\ncat ${stderr} >&2\nexit ${code}`)
        const finished = await user.clinvk(['-b', agent, 'hello'])
        const [session] = user.sessions()
        user.remove()
        assert.equal(finished.code, EXIT_CODES[outcome])
        assert.ok(`\n${finished.stderr}`.includes(`\nError: ${verdict.message}\n`), finished.stderr)
        assert.deepEqual(
          [session?.status, session?.last_outcome, session?.error_message],
          ['error', outcome, verdict.message],
        )
      })
    }
  })
}
