import assert from 'node:assert/strict'
import {failed, resetTime} from '../../../plugins/backend-sdk/src/failure.js'
import {fixture} from '../../support/sandbox.js'

const now = new Date('2026-11-27T14:00:00.000Z')

describe('the words of a failure tell', () => {
  for (const [words, told] of Object.entries(fixture('failure-words.yaml') as Record<string, string>)) {
    const [outcome, resetsAt] = told.split(' ')
    it(`${outcome!}${resetsAt === undefined ? '' : ', and when it ends'}: ${words.slice(0, 60)}`, () => {
      assert.equal(failed(words).outcome, outcome)
      assert.equal(resetTime(words, now), resetsAt && new Date(resetsAt).toISOString())
    })
  }

  it('that a clock time is the end of its minute, and that up to two minutes past is no other day', () => {
    const at = (time: string) => resetTime('try again at 2:05 AM (UTC)', new Date(`2026-11-27T${time}Z`))
    assert.deepEqual(
      ['02:04:00', '02:05:54', '02:06:30', '02:08:00', '02:08:01'].map(at),
      [27, 27, 27, 27, 28].map((day) => `2026-11-${day}T02:06:00.000Z`),
    )
    assert.equal(resetTime('resets Friday 2:05am (UTC)', new Date('2026-11-27T02:07:00Z')), at('02:07:00'))
  })

  it('and an HTTP status says more than words', () => {
    assert.deepEqual(
      [401, 403, 402, 429, 500, 529].map((status) => failed('rate limit', status).outcome),
      ['auth', 'auth', 'rate_limit', 'rate_limit', 'failed', 'failed'],
    )
  })
})
