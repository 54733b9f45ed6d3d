import assert from 'node:assert/strict'
import {calcPrice} from '@pydantic/genai-prices'
import {grouped, localDay} from 'clinvk-plugin-history/usage/group'
import type {LedgerRow} from 'clinvk-plugin-history/usage/ledger'
import {sumWorth, valuer, worthText} from 'clinvk-plugin-history/usage/prices'
import {usageCsv, usageTable} from 'clinvk-plugin-history/usage/view'

describe('the value of a model call', () => {
  it('is what the table of prices itself says, with its tiers, caches and dates', async () => {
    const valueOf = await valuer({})
    const models = [
      'claude-opus-4-8',
      'claude-sonnet-4-5',
      'gpt-5.5',
      'gemini-2.5-pro',
      'o3',
      'deepseek-chat',
    ]
    for (const model of models) {
      for (const input of [1000, 250_000, 300_000]) {
        for (const at of ['2025-03-01T02:00:00Z', '2026-11-27T15:00:00Z']) {
          const counts = {input, cached: 500, write: 100, write1h: 200, output: 321, reasoning: 20}
          const usage = {
            input_tokens: input,
            cache_read_tokens: 500,
            cache_write_tokens: 300,
            cache_write_1h_tokens: 200,
            output_tokens: 321,
          }
          const expected = calcPrice(usage, model, {timestamp: new Date(at)})!.total_price
          const {source, usd} = valueOf(call({...counts, model, at}))
          assert.ok(Math.abs(usd! - expected) < 1e-9, `${model} ${input} ${at}: ${usd} is not ${expected}`)
          assert.equal(source, 'computed')
        }
      }
    }
  })

  it('is what the agent has told, or what the user has set, and never 0 where it is unknown', async () => {
    const own = {'my.model': {input: 2, output: 8}, 'claude-opus-4-8': {output: 1000}, half: {input: 1}}
    const valueOf = await valuer(own)
    const cases: [Partial<LedgerRow>, number | undefined, string][] = [
      [{model: 'gpt-5.5', input: 10, cost: 0.25}, 0.25, 'reported'],
      [{model: 'nobody-knows', cost: 0.25}, 0.25, 'reported'],
      [{model: 'my.model', input: 1e6, cached: 5e5, output: 1e6, cost: 7}, 10, 'computed'],
      [{model: 'claude-opus-4-8', input: 1e6, output: 1e6}, 1005, 'computed'],
      [{model: 'anthropic/claude-haiku-4-5-20251001', input: 1e6}, 1, 'computed'],
      [{model: 'half', input: 1e6}, undefined, 'unknown'],
      [{model: 'nobody-knows', input: 10, output: 1}, undefined, 'unknown'],
      [{model: 'constructor', input: 10}, undefined, 'unknown'],
      [{model: '__proto__', input: 10}, undefined, 'unknown'],
      [{input: 10, output: 1}, undefined, 'unknown'],
      [{model: 'gpt-5.5'}, undefined, 'unknown'],
    ]
    for (const [row, usd, source] of cases) {
      const found = valueOf(call(row))
      assert.deepEqual([found.usd, found.source], [usd, source], JSON.stringify(row))
    }
  })

  it('is summed up as far as it is known, which the text says', () => {
    const reported = {usd: 0.5, source: 'reported', unpriced: 0} as const
    const computed = {usd: 1234, source: 'computed', unpriced: 0} as const
    const unknown = {source: 'unknown', unpriced: 1} as const
    const texts = [[], [unknown, unknown], [reported], [reported, computed, unknown]].map((worths) => {
      const {source, unpriced, usd} = sumWorth(worths)
      return `${worthText({source, unpriced, usd})} ${source} ${unpriced}`
    })
    assert.deepEqual(texts, [
      'unknown unknown 0',
      'unknown unknown 2',
      '$0.50 reported 0',
      '$1,234.50+ computed 1',
    ])
    const small = [0, 0.00001, 0.0042, 12_345_678.9].map((usd) => worthText({...reported, usd}))
    assert.deepEqual(small, ['$0.00', '<$0.0001', '$0.0042', '$12,345,678.90'])
  })
})

describe('usage', () => {
  const rows = [
    call({at: '2026-01-02T23:30:00', model: 'b', input: 10, cached: 4, output: 1, session: 's1'}),
    call({at: '2026-01-02T00:30:00', model: 'a', input: 90, write: 5, write1h: 6, output: 9, session: 's1'}),
    call({at: '2026-01-01T12:00:00', output: 2, conversation: 'c2'}),
    call({at: '2026-01-01T12:00:00', input: 3, conversation: 'c3'}),
  ]
  const free = () => ({usd: 0, source: 'computed', unpriced: 0}) as const
  const tags = (session?: string) => (session === 's1' ? ['x', 'y'] : [])

  it('is grouped by days of the user, by what calls have, and by each tag', () => {
    const keys = (by: Parameters<typeof grouped>[1]) =>
      grouped(rows, by, free, tags).groups.map(({calls, key, total}) => `${key} ${calls} ${total}`)
    assert.deepEqual(keys('day'), ['2026-01-01 2 5', '2026-01-02 2 110'])
    assert.deepEqual(keys('model'), ['a 1 99', 'b 1 11', 'undefined 2 5'])
    assert.deepEqual(keys('tag'), ['x 2 110', 'y 2 110', 'undefined 2 5'])
    assert.deepEqual(keys('session'), ['s1 2 110', 'undefined 1 3', 'undefined 1 2'])
    const {total} = grouped(rows, 'tag', free, tags)
    const {calls, input, output, reasoning, write} = total
    assert.deepEqual(
      {calls, input, output, reasoning, write},
      {calls: 4, input: 103, output: 12, reasoning: undefined, write: 11},
    )
    assert.equal(localDay(new Date(2026, 0, 2, 0, 5).toISOString()), '2026-01-02')
  })

  const table = (width?: number) => {
    const {groups, total} = grouped(rows, 'model', free, tags)
    const shown = groups.map((group) => ({
      ...group,
      fields: {model: group.key},
      label: group.key ?? '(unknown)',
    }))
    return {shown, text: usageTable(shown, total, 'model', width)}
  }

  it('fits every terminal, the least important columns going first, and shows what is unknown as such', () => {
    assert.equal(
      table().text,
      [
        'MODEL      CALLS  INPUT  CACHED  WRITTEN  OUTPUT  REASONING  TOTAL  API VALUE',
        'a              1     90       -       11       9          -     99      $0.00',
        'b              1     10       4        -       1          -     11      $0.00',
        '(unknown)      2      3       -        -       2          -      5      $0.00',
        'total          4    103       4       11      12          -    115      $0.00',
        '',
      ].join('\n'),
    )
    for (const width of [20, 30, 40, 60, 80, 100, 200]) {
      const lines = table(width).text.trimEnd().split('\n')
      assert.ok(
        lines.every((line) => line.length <= width),
        lines.join('\n'),
      )
      assert.match(lines[0]!, /API VALUE$/)
    }

    assert.match(table(100).text, /\$0\.00 {2}█{20}\n/)
  })

  it('is CSV that programs read as it is meant, whatever the names are', () => {
    const {shown} = table()
    const names = ['=1+1', 'a,"b"\nc', '-x', 'é']
    const csv = usageCsv(
      names.map((directory) => ({...shown[0]!, fields: {directory}})),
      'directory',
    )
    const numbers = '1,90,,11,9,,99,0,computed,0'
    assert.equal(
      csv,
      `directory,calls,input_tokens,cached_tokens,cache_write_tokens,output_tokens,reasoning_tokens,total_tokens,cost_usd,cost_source,unpriced_calls
'=1+1,${numbers}
"a,""b""
c",${numbers}
'-x,${numbers}
é,${numbers}
`,
    )
    assert.match(usageCsv([], 'day'), /^day,calls,.*\n$/)
  })
})

function call(row: Partial<LedgerRow>): LedgerRow {
  return {key: 'k', backend: 'claude', at: '2026-01-01T00:00:00Z', ...row}
}
