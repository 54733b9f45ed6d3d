import assert from 'node:assert/strict'
import {join, type Turn} from 'clinvk-plugin-history/transcript/join'

const BEGIN = Date.parse('2026-05-01T12:00:00Z')
const at = (seconds: number) => new Date(BEGIN + seconds * 1000).toISOString()

/** `10-20 fix it: done`: the seconds of a turn, its prompt, its answers. Ours have an outcome. */
function turns(source: 'clinvk' | 'agent', lines: readonly string[]): Turn[] {
  return lines.map((line) => {
    const [, start = '', end = '', prompt = '', answers] = /^(\d+)-(\d+) ([^:]*)(?:: (.*))?$/.exec(line)!
    const startedAt = at(Number(start))
    const said = (text: string, role: 'user' | 'assistant') =>
      ({id: text, turn: 0, at: startedAt, type: 'text', role, text, source}) as const
    const rest = answers?.split(' / ').map((text) => said(text, 'assistant')) ?? []
    const outcome = source === 'clinvk' ? ('success' as const) : undefined
    const messages = [said(prompt, 'user'), ...rest]
    return {startedAt, endedAt: at(Number(end)), prompt, messages, calls: [], outcome}
  })
}

async function* stream(all: readonly Turn[]): AsyncGenerator<Turn> {
  for (const turn of all) yield Promise.resolve(turn)
}

describe('turns of clinvk joined with those of the record', () => {
  const LONG = 'a prompt that says more than twenty characters'
  for (const [title, own, recorded, expected] of [
    [
      'a turn that both have is shown once',
      ['10-20 hi: yes'],
      ['11-19 hi: yes'],
      ['agent, run by clinvk: hi: yes'],
    ],
    ['a session without a record', ['10-20 hi: yes', '30-40 go'], [], ['clinvk: hi: yes', 'clinvk: go']],
    ['a conversation without a session', [], ['10-20 hi: yes'], ['agent: hi: yes']],
    [
      'what was said in the agent’s own program stands between',
      ['10-20 a: 1', '90-95 d: 4'],
      ['11-12 a: 1', '30-40 b: 2', '50-60 c: 3', '91-92 d: 4'],
      ['agent, run by clinvk: a: 1', 'agent: b: 2', 'agent: c: 3', 'agent, run by clinvk: d: 4'],
    ],
    [
      'a turn that the agent has not recorded',
      ['10-20 a', '30-40 b: 2'],
      ['31-32 b: 2'],
      ['clinvk: a', 'agent, run by clinvk: b: 2'],
    ],
    ['a record that a kill has cut short', ['10-20 a: half an'], ['11-12 a'], ['clinvk: a: half an']],
    [
      'a record that tells more',
      ['10-20 a'],
      ['11-12 a: it was done'],
      ['agent, run by clinvk: a: it was done'],
    ],
    [
      'the same prompt again, of which the first was not recorded',
      ['10-11 go', '15-19 go: 2'],
      ['16-17 go: 2'],
      ['clinvk: go', 'agent, run by clinvk: go: 2'],
    ],
    [
      'the same prompt, once through clinvk and once in the agent',
      ['10-11 go: 1'],
      ['10-11 go: 1', '300-301 go: 2'],
      ['agent, run by clinvk: go: 1', 'agent: go: 2'],
    ],
    [
      'an agent that changes the prompt',
      ['10-20 /fix: 1'],
      ['11-12 fix it all: 1'],
      ['agent, run by clinvk: fix it all: 1'],
    ],
    ['clocks that differ by seconds', ['10-11 go: 1'], ['35-36 go: 1'], ['agent, run by clinvk: go: 1']],
    [
      'clocks that differ by minutes, where the answer is the same, too',
      ['10-11 go: 1', '200-201 go: 2'],
      ['100-101 go: 1', '290-291 go: 2'],
      ['agent, run by clinvk: go: 1', 'agent, run by clinvk: go: 2'],
    ],
    [
      'the same prompt minutes later in the agent, after a turn that was not recorded',
      ['10-11 go: 1'],
      ['100-101 go: 2'],
      ['clinvk: go: 1', 'agent: go: 2'],
    ],
    [
      'an agent that adds to the prompt, with a clock that is late',
      [`10-11 ${LONG}: 1`],
      [`2-3 context ${LONG}: 1`],
      [`agent, run by clinvk: context ${LONG}: 1`],
    ],
    [
      'turns of two machines, the first of which is an hour fast',
      ['100-110 a: 1', '20-30 b: 2'],
      ['101-102 a: 1', '3600-3610 c: 3', '21-22 b: 2'],
      ['agent, run by clinvk: a: 1', 'agent: c: 3', 'agent, run by clinvk: b: 2'],
    ],
    ['nothing at all', [], [], []],
  ] as const) {
    it(title, async () => {
      const shown: string[] = []
      let number = 0
      for await (const turn of join(stream(turns('clinvk', own)), stream(turns('agent', recorded)))) {
        assert.equal(turn.number, ++number)
        const [prompt, ...answers] = turn.messages.map((message) => ('text' in message ? message.text : ''))
        const {source} = turn.messages[0]!
        const from = source === 'agent' && turn.outcome ? 'agent, run by clinvk:' : `${source}:`
        shown.push(`${from} ${prompt}${answers.length > 0 ? `: ${answers.join(' / ')}` : ''}`)
      }

      assert.deepEqual(shown, expected)
    })
  }
})
