import assert from 'node:assert/strict'
import type {Turn} from 'clinvk-contract'
import {GeminiReader} from '../../../plugins/backend-gemini/src/reader.js'

/** What is told of ends that are tedious to bring about. */
describe('the verdict on a turn of gemini', () => {
  const verdict = (result: object | undefined, code: number, stderr = '') => {
    const reader = new GeminiReader({session: {kind: 'new', id: 'x'}} as Turn)
    if (result) reader.line(JSON.stringify({type: 'result', ...result}))
    return reader.end({code, stderr})
  }
  const failed = (message: string) => ({status: 'error', error: {type: 'unknown', message}})

  for (const [what, result, code, outcome, message] of [
    ['the exit code is a status', failed('[API Error: no]'), 145, 'auth', /^no$/],
    [
      'it has no right',
      failed('[API Error: {"error":{"code":403,"message":"no"}}]'),
      147,
      'auth',
      /^403 no$/,
    ],
    ['there are too many', failed('[API Error: slow]\nPlease wait and /auth'), 173, 'rate_limit', /^slow$/],
    ['the server is down', failed('[API Error: down]'), 247, 'failed', /^down$/],
    [
      'the message is JSON in JSON',
      failed(
        `[API Error: ${JSON.stringify({error: {message: '{"error":{"code":429,"message":"[slow]"}}'}})}]`,
      ),
      1,
      'rate_limit',
      /^429 \[slow]$/,
    ],
    [
      'the turns are over',
      failed('Reached max session turns for this session.'),
      53,
      'limit',
      /^Reached max/,
    ],
    ['it says nothing', {status: 'error'}, 0, 'failed', /without saying which/],
    [
      'nothing was sent',
      {status: 'success', stats: {models: {}}},
      0,
      'failed',
      /longer than the model takes/,
    ],
    ['no result came', undefined, 0, 'failed', /longer than the model takes/],
  ] as const) {
    it(`is ${outcome} when ${what}`, () => {
      const told = verdict(result, code)
      assert.equal(told.outcome, outcome)
      assert.match('message' in told ? told.message : '', message)
    })
  }

  for (const [what, stderr, code, outcome, message] of [
    [
      'wrong arguments',
      'Unknown arguments: x\nUsage: gemini [options] [command]\n\nhelp, help\n',
      1,
      'failed',
      /: Unknown arguments: x$/,
    ],
    [
      'settings that are wrong',
      'Ripgrep is not available. Falling back to GrepTool.\n\u001B[31mError in settings.json\u001B[0m\n',
      52,
      'failed',
      /exit code 52: Error in settings\.json$/,
    ],
    ['no sign-in', 'Please set an Auth method\n', 41, 'auth', /Please set an Auth method/],
    [
      'a session that is gone',
      'Error resuming session: Invalid session identifier "x".\n',
      42,
      'session',
      /Invalid session/,
    ],
  ] as const) {
    it(`tells of ${what}, and nothing else that gemini prints`, () => {
      const told = verdict(undefined, code, stderr)
      assert.equal(told.outcome, outcome)
      assert.match('message' in told ? told.message : '', message)
    })
  }
})
