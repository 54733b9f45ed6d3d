import assert from 'node:assert/strict'
import type {AgentExit, BackendEvent, Turn} from 'clinvk-contract'
import {asJson} from '../../support/as-json.js'
import {backendOf} from '../../support/backend-of.js'
import {each, fixture} from '../../support/sandbox.js'
import {TURN} from '../../support/turn.js'

/** What an agent prints, as objects or as it is, and how it exits; and some of what its reader is to make of it. */
interface Case {
  readonly what: string
  readonly turn?: Partial<Turn>
  readonly lines: readonly (object | string)[]
  /** Lines of standard error, which come first. */
  readonly stderr?: readonly string[]
  readonly exit?: Partial<AgentExit>
  /** All events, or their types. */
  readonly events?: readonly object[]
  readonly types?: readonly string[]
  /** Of all events together. */
  readonly text?: string
  /** Fields of the last event, and of the verdict. */
  readonly last?: object
  readonly verdict?: {readonly message?: string}
}

for (const agent of ['claude', 'codex', 'gemini', 'opencode']) {
  describe(`the reader of ${agent}`, () => {
    const cases = fixture(`readers/${agent}.yaml`) as Case[]
    for (const {events, exit, last, lines, stderr = [], text, turn, types, verdict, what} of cases)
      it(what, async () => {
        const {backend} = await backendOf(agent)
        const reader = backend.reader({...TURN, ...turn})
        const found: BackendEvent[] = asJson([
          ...stderr.flatMap((line) => reader.errorLine?.(line) ?? []),
          ...lines.flatMap((line) => reader.line(typeof line === 'string' ? line : JSON.stringify(line))),
        ])
        const told = asJson(reader.end({stderr: stderr.join('\n'), ...(exit ?? {code: 0})}))
        if (events) assert.deepEqual(found, events)
        if (types) assert.deepEqual(each(found, 'type'), types)
        const texts = found.map((event) => (event.type === 'text' ? event.text : ''))
        if (text !== undefined) assert.equal(texts.join(''), text)
        assert.deepEqual({...found.at(-1), ...last}, {...found.at(-1)})
        const {message, ...others} = verdict ?? {}
        assert.deepEqual({...told, ...others}, told)
        if (message !== undefined) assert.match('message' in told ? told.message : '', RegExp(message))
      })
  })
}

describe('an answer of claude that is longer than what is kept of it', () => {
  it('is told whole, and where its end is missing nothing is called its whole', async () => {
    const {backend} = await backendOf('claude')
    const reader = backend.reader(TURN)
    const tell = (event: object) => reader.line(JSON.stringify({type: 'stream_event', event}))
    const block = 'a'.repeat(1_000_000)
    let told = 0
    for (let count = 0; count < 6; count++) {
      tell({type: 'content_block_start'})
      for (const event of tell({type: 'content_block_delta', delta: {type: 'text_delta', text: block}}))
        if (event.type === 'text') told += event.text.trim().length
      const whole = {type: 'assistant', message: {content: [{type: 'text', text: block}]}}
      assert.deepEqual(reader.line(JSON.stringify(whole)), [])
    }

    const verdict = reader.end({stderr: '', code: 0})
    assert.deepEqual([told, verdict.outcome, verdict.content], [6_000_000, 'failed', undefined])
    assert.match(JSON.stringify(verdict), /After a very long answer claude ended with exit code 0/)
  })
})
