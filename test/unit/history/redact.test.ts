import assert from 'node:assert/strict'
import {redacted} from 'clinvk-plugin-history/view/redact'

describe('what an export hides', () => {
  const x = 'aB3dE5gH1jK2mN4p'
  for (const [text, shown] of [
    [`sk-ant-api03-${x}`, '[redacted]'],
    [`use ghp_${x}${x}, please`, 'use [redacted], please'],
    ['AKIAABCDEFGHIJKLMNOP.', '[redacted].'],
    [`AIza${x}${x}${x}`, '[redacted]'],
    [`xoxb-12345-${x}`, '[redacted]'],
    [`eyJhbGciOiJI.eyJzdWIiOiIx.${x}`, '[redacted]'],
    [`-----BEGIN RSA PRIVATE KEY-----\n${x}\n-----END RSA PRIVATE KEY-----\nend`, '[redacted]\nend'],
    ['export MY_API_KEY="a b c"; DB_PASSWORD=x', 'export MY_API_KEY=[redacted]; DB_PASSWORD=[redacted]'],
    ['{"GH_TOKEN": "abc"}', '{"GH_TOKEN": [redacted]}'],
    [`Authorization: Bearer ${x}`, 'Authorization: Bearer [redacted]'],
    ['a task-force of risk-takers; the KEY: press it', 'a task-force of risk-takers; the KEY: press it'],
  ] as const)
    it(text, () => assert.deepEqual(redacted({a: [text]}), {a: [shown]}))

  it('is looked for in no more time than a long text needs', () => {
    for (const part of ['eyJ-', 'A_KEY', 'sk-', '-----BEGIN ', 'AKIA', 'a'])
      assert.equal(typeof redacted(part.repeat(500_000)), 'string')
  })
})
