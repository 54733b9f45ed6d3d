import assert from 'node:assert/strict'
import {join, type Turn} from 'clinvk-plugin-history/transcript/join'
import {fixture} from '../../support/sandbox.js'

const CASES = fixture('joined-turns.yaml') as Record<string, Record<'own' | 'recorded' | 'joined', string[]>>
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
  for (const [title, {joined, own, recorded}] of Object.entries(CASES)) {
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

      assert.deepEqual(shown, joined)
    })
  }
})
