import assert from 'node:assert/strict'
import {failed, resetTime} from '../../../plugins/backend-sdk/src/failure.js'

const now = new Date('2026-11-27T14:00:00.000Z')
const local = (...at: [number, number, number, number, number]) => new Date(...at).toISOString()

/** As public reports of the agents, of earlier versions too, name them. */
describe('the words of a failure tell', () => {
  // prettier-ignore
  for (const [words, outcome, resetsAt] of [
    ["You've hit your session limit · resets 12:50am (America/Los_Angeles)", 'rate_limit', '2026-11-28T08:51:00.000Z'],
    ["You've hit your limit · resets 1:30am (Asia/Dhaka)", 'rate_limit', '2026-11-27T19:31:00.000Z'],
    ["You've hit your weekly limit · resets Dec 3, 4pm (Europe/Berlin)", 'rate_limit', '2026-12-03T15:01:00.000Z'],
    ["You've hit your weekly limit · resets Sunday 12:00am (UTC)", 'rate_limit', '2026-11-29T00:01:00.000Z'],
    ["You've reached your Fable 5 limit.", 'rate_limit', undefined],
    ['Claude AI usage limit reached|1795800000', 'rate_limit', '2026-11-27T17:20:00.000Z'],
    ['Claude usage limit reached. Your limit will reset at 9am (America/Chicago).', 'rate_limit', '2026-11-27T15:01:00.000Z'],
    ['5-hour limit reached ∙ resets 3pm (UTC)', 'rate_limit', '2026-11-27T15:01:00.000Z'],
    ['Weekly limit reached ∙ resets Jan 9, 5pm (UTC)', 'rate_limit', '2027-01-09T17:01:00.000Z'],
    ['Weekly limit reached ∙ resets 3pm (No/Where)', 'rate_limit', undefined],
    ['You have reached your specified API usage limits.', 'rate_limit', undefined],
    ['Credit balance is too low', 'rate_limit', undefined],
    ["You've hit your usage limit. Upgrade to Pro or try again in 5 days 22 hours 11 minutes.", 'rate_limit', '2026-12-03T12:11:00.000Z'],
    ["You've hit your usage limit. Try again later, or try again at Jul 5th, 2027 8:19 PM.", 'rate_limit', local(2027, 6, 5, 20, 20)],
    ['You have reached your usage limit, or try again after July 3, 2027 at 2:45 PM.', 'rate_limit', local(2027, 6, 3, 14, 46)],
    ['Rate limit reached for gpt-5.5: Limit 30000. Please try again in 11.054s. Visit', 'rate_limit', '2026-11-27T14:00:11.054Z'],
    ['Rate limit reached. Please try again in 6m0s.', 'rate_limit', '2026-11-27T14:06:00.000Z'],
    ['Rate limit reached. Please try again in 20ms.', 'rate_limit', '2026-11-27T14:00:00.020Z'],
    ['Quota exceeded. Check your plan and billing details.', 'rate_limit', undefined],
    ['You exceeded your current quota, please check your plan.\nPlease retry in 41.5s.', 'rate_limit', '2026-11-27T14:00:41.500Z'],
    ['You have exhausted your capacity on this model. Your quota will reset after 18h33m25s.', 'rate_limit', '2026-11-28T08:33:25.000Z'],
    ['Resource has been exhausted (e.g. check quota).', 'rate_limit', undefined],
    ['Resource exhausted. Please try again later.', 'rate_limit', undefined],
    ['Free usage exceeded, subscribe to Go', 'rate_limit', undefined],
    ["This request would exceed your account's rate limit. [retrying in ~6 days attempt #1]", 'rate_limit', '2026-12-03T14:00:00.000Z'],
    ['{"error":{"code":429,"details":[{"retryDelay":"34.5s"}]}}', 'rate_limit', '2026-11-27T14:00:34.500Z'],
    ['Not logged in · Please run /login', 'auth'], ['Invalid API key · Fix external API key', 'auth'],
    ['OAuth token has expired. Please obtain a new token or refresh your existing token.', 'auth'],
    ['OAuth token revoked · Please run /login', 'auth'], ['API key not valid. Please pass a valid API key.', 'auth'],
    ['API key expired. Please renew the API key.', 'auth'], ['Missing environment variable: `SIM_KEY`.', 'auth'],
    ['Your access token could not be refreshed. Please log out and sign in again.', 'auth'],
    ['Incorrect API key provided: sk-x', 'auth'], ['invalid_grant', 'auth'],
    ['unexpected status 401 Unauthorized: Missing bearer or basic authentication in header', 'auth'],
    ['Please set an Auth method in your settings.json', 'auth'],
    ['Reached max turns (1)', 'failed'], ['Context limit reached', 'failed'],
    ['the rate limiter in worker.js is wrong', 'failed'], ['Prompt is too long (limit 200000)', 'failed'],
    ['stream disconnected before completion', 'failed'], ['Command blocked by PreToolUse hook', 'failed'],
  ] as const) {
    it(`${outcome}${resetsAt === undefined ? '' : ', and when it ends'}: ${words.slice(0, 60)}`, () => {
      assert.equal(failed(words).outcome, outcome)
      assert.equal(resetTime(words, now), resetsAt)
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
