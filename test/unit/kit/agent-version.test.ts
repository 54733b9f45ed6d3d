import assert from 'node:assert/strict'
import {agentVersionNotice} from 'clinvk-kit/turn/agent-version'

describe("the agent's version", () => {
  const descriptor = {title: 'Agent', supportedFrom: '2.0.3', tested: '2.1.197'}
  const cases: [version: string | undefined, says: RegExp | undefined][] = [
    [undefined, undefined],
    ['2.0.3', undefined],
    ['2.1.197', undefined],
    ['2.1.330', undefined],
    ['2.1.0-beta.1', undefined],
    ['2.0.2', /older than 2\.0\.3/],
    ['1.9.9', /older than 2\.0\.3/],
    ['2.2.0', /newer than 2\.1\.197/],
    ['3.0.0', /newer than 2\.1\.197/],
  ]
  for (const [version, says] of cases) {
    it(`${says ? 'gives a notice' : 'gives none'} for ${String(version)}`, () => {
      const notice = agentVersionNotice(version, descriptor)
      if (says) assert.match(notice ?? '', says)
      else assert.equal(notice, undefined)
    })
  }
})
